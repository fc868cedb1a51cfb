import { expect, it } from 'vitest';
import { tensor } from '../core/tensor.js';
import { copyInto } from './concat.js';

it('copyInto overwrites in place and says what does not fit', async () => {
  const target = tensor([1, 2, 3, 4, 5, 6], [2, 3]);
  copyInto(target, tensor([7, 8]), 3);
  copyInto(target, tensor([], [0]), 6);
  expect(await target.data()).toEqual(Float32Array.of(1, 2, 3, 7, 8, 6));
  const bytes = tensor(Uint8Array.of(1, 2));
  expect(() => copyInto(target, bytes, 0)).toThrow('[copyInto] [2] uint8 does not fit into [2, 3] float32');
  for (const begin of [5, -1, Number.NaN])
    expect(() => copyInto(target, tensor([7, 8]), begin)).toThrow(
      `from element ${begin} on; make room for it`,
    );
});
