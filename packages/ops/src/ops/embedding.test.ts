import { expect, it } from 'vitest';
import { device } from '../core/device.js';
import { tensor } from '../core/tensor.js';
import { embedding, gatherRows } from './embedding.js';

it('fails at the wait for an id outside of the table, and works again after it', async () => {
  const table = tensor([1, 2, 3, 4, 5, 6], [3, 2]);
  const wrong = embedding(table, tensor([0, 3], [2], 'int32'));
  await expect(wrong.data()).rejects.toThrow(
    "[embedding] id 3 at position 1 is outside of the table's 3 rows",
  );
  embedding(table, tensor([-1], [1], 'int32'));
  await expect(device.synchronize()).rejects.toThrow('id -1 at position 0');
  expect(await embedding(table, tensor([2, 0], [2], 'int32')).data()).toEqual(Float32Array.of(5, 6, 1, 2));
});

it('gathers rows of other types', async () => {
  const mask = tensor(Uint8Array.of(1, 0, 255, 4, 5, 6), [2, 3]);
  expect(await gatherRows(mask, tensor([1, 1, 0], [3], 'int32')).data<'uint8'>()).toEqual(
    Uint8Array.of(4, 5, 6, 4, 5, 6, 1, 0, 255),
  );
  const half = tensor(Uint16Array.of(0x3f80, 0xc000), [2, 1], 'bfloat16');
  expect(await gatherRows(half, tensor([1], [1], 'int32')).data<'bfloat16'>()).toEqual(
    Uint16Array.of(0xc000),
  );
});
