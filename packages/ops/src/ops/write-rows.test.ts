import { expect, it } from 'vitest';
import { device } from '../core/device.js';
import { type Tensor, tensor, zeros } from '../core/tensor.js';
import { writeRows } from './write-rows.js';

const at = (start: number): Tensor => tensor(Int32Array.of(start));

it.each([
  [1, 4, 1, 3],
  [3, 5, 2, 1],
  [2, 4, 4, 4],
  [2, 7, 3, 8],
])('puts rows into %i blocks of %i: %i of width %i', async (batch, capacity, rows, width) => {
  const source = Float32Array.from({ length: batch * rows * width }, (_, i) => i + 1);
  for (let start = 0; start + rows <= capacity; start++) {
    const target = zeros([batch, capacity, width]);
    writeRows(target, tensor(source, [batch, rows, width]), at(start));
    const values = await target.data();
    for (const [i, value] of values.entries()) {
      const [block, row] = [Math.floor(i / (capacity * width)), (Math.floor(i / width) % capacity) - start];
      const expected = row < 0 || row >= rows ? 0 : source[(block * rows + row) * width + (i % width)];
      expect(value).toBe(expected);
    }
  }
});

it('puts single bytes', async () => {
  const target = zeros([2, 5], 'uint8');
  writeRows(target, tensor(Uint8Array.of(7, 9), [2, 1]), at(3));
  expect(await target.data<'uint8'>()).toEqual(Uint8Array.of(0, 0, 0, 7, 0, 0, 0, 0, 9, 0));
});

it('says what does not fit', async () => {
  const target = zeros([2, 5, 3]);
  for (const source of [zeros([1, 1, 3]), zeros([2, 6, 3]), zeros([2, 1, 4]), zeros([2, 1, 3], 'int32')])
    expect(() => writeRows(target, source, at(0))).toThrow(
      /^\[writeRows\] \[.*\] \w+ are no rows for \[2, 5, 3\] float32; only the second axis may differ, and be shorter$/,
    );
  expect(() => writeRows(target, zeros([2, 1, 3]), zeros([1]))).toThrow(
    '[writeRows] start must be int32 [1], got [1] float32',
  );
  for (const start of [5, -1]) {
    writeRows(target, tensor([1, 1, 1, 1, 1, 1], [2, 1, 3]), at(start));
    await expect(device.synchronize()).rejects.toThrow(
      `[write_rows] rows from ${start} on do not fit into 5 rows`,
    );
  }
  expect(await target.data()).toEqual(new Float32Array(30));
});
