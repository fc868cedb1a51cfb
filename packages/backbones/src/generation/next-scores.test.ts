import { tensor } from '@ocelli/ops';
import { expect, it } from 'vitest';
import { rowsOf } from './next-scores.js';
import { readNextScores } from './read-scores.js';
import { topCandidates } from './top-candidates.js';

const scores = (): ReturnType<typeof tensor> => tensor([0, 3, 2, 5, 1, 4], [2, 3]);

it('brings whole vocabularies or the best of every row', async () => {
  const all = await readNextScores(scores, undefined, undefined);
  expect(all).toEqual({ values: Float32Array.of(0, 3, 2, 5, 1, 4), width: 3, ids: null });
  const best = await readNextScores(scores, undefined, 2);
  expect(best).toEqual({ values: Float32Array.of(3, 2, 5, 4), width: 2, ids: Int32Array.of(1, 2, 0, 2) });
  expect((await readNextScores(scores, undefined, 9)).width).toBe(3);
  expect(rowsOf(best, 1, 2)).toEqual({ values: Float32Array.of(5, 4), width: 2, ids: Int32Array.of(0, 2) });
});

it('offers the same candidates either way', async () => {
  const all = await readNextScores(scores, undefined, undefined);
  const best = await readNextScores(scores, undefined, 2);
  const expected = [
    { row: 1, token: 0, score: 4 },
    { row: 0, token: 1, score: 3 },
  ];
  expect(topCandidates(all, [0, -1], 2)).toEqual(expected);
  expect(topCandidates(best, [0, -1], 2)).toEqual(expected);
});
