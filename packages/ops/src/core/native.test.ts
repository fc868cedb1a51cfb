import { expect, test } from 'vitest';
import { dryRun } from './dry-run.js';
import { native } from './native.js';
import { empty, tensor } from './tensor.js';

test('populating a part of a block leaves its values and those beside it', async () => {
  const count = 3 * 2 ** 20;
  const values = Float32Array.from({ length: count }, (_, i) => i % 1000);
  for (const bytes of [4, 4 * count]) {
    using x = tensor(values.subarray(0, bytes / 4));
    const { handle } = x.storage('test');
    native.populate(handle, 0, bytes);
    native.populate(handle, bytes - 3, 3);
    native.populate(handle, bytes, 0);
    expect(Buffer.from((await x.data()).buffer).equals(Buffer.from(values.buffer, 0, bytes))).toBe(true);
  }
});

test('only bytes of the block can be populated', () => {
  using x = empty([16]);
  const { handle } = x.storage('test');
  expect(() => native.populate(handle, 60, 5)).toThrow('bytes 60 to 65 lie outside of a memory block of 64');
  expect(() => native.populate(handle, -1, 5)).toThrow('offset must be a number >= 0');
});

test('a dry run populates nothing: its blocks have no memory', () => {
  dryRun(() => {
    using x = empty([2 ** 40]);
    native.populate(x.storage('test').handle, 0, 2 ** 42);
  });
});
