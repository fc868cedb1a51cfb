import { expect, it } from 'vitest';
import { device } from '../core/device.js';
import { tensor, zeros } from '../core/tensor.js';
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
  const x = tensor(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), [2, 4]);
  expect(await gatherRows(x, tensor([1, 1, 0], [3], 'int32')).data<'uint8'>()).toEqual(
    Uint8Array.of(5, 6, 7, 8, 5, 6, 7, 8, 1, 2, 3, 4),
  );
  expect(() => gatherRows(zeros([2, 3], 'uint8'), tensor([0], [1], 'int32'))).toThrow(
    'must be a multiple of 4 bytes',
  );
});
