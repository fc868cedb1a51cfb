import { expect, it } from 'vitest';
import { tensor } from '../core/tensor.js';
import { topK } from './top-k.js';

it('gives the greatest numbers of every row with their places', async () => {
  const { values, ids } = topK(tensor([3, 9, 9, -1, 0, 0, 0, 7], [2, 4]), 3);
  expect(values.shape).toEqual([2, 3]);
  expect([...(await values.data())]).toEqual([9, 9, 3, 7, 0, 0]);
  expect([...(await ids.data<'int32'>())]).toEqual([1, 2, 0, 3, 0, 1]);
});

it('leaves places empty where a row has too few numbers', async () => {
  const { values, ids } = topK(tensor([Number.NaN, 2, Number.NEGATIVE_INFINITY]), 3);
  expect([...(await values.data())]).toEqual([2, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  expect([...(await ids.data<'int32'>())]).toEqual([1, -1, -1]);
});

it.each([0, 5, 1.5])('refuses a count of %d among 4', (count) => {
  expect(() => topK(tensor([1, 2, 3, 4]), count)).toThrow(
    `[topK] count must be from 1 to 4, got ${count} (x is [4])`,
  );
});
