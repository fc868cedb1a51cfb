import { describe, expect, it } from 'vitest';
import { BeamSearch } from './beam-search.js';
import { allScores, type NextScores } from './next-scores.js';
import type { SearchSettings } from './search.js';

/** Log-probabilities `[rows, 10]`: these by token, -20 for the others. */
function rows(...vocabularies: Record<number, number>[]): NextScores {
  const values = vocabularies.flatMap((row) => Array.from({ length: 10 }, (_, token) => row[token] ?? -20));
  return allScores(Float32Array.from(values), 10);
}

function settings(maxNewTokens: number, lengthPenalty: number, endIds: readonly number[]): SearchSettings {
  return {
    maxNewTokens,
    lengthPenalty,
    endIds: new Set(endIds),
    stops: () => false,
    normalized: true,
    processors: [],
  };
}

describe('BeamSearch', () => {
  it('looks far enough to go on with all beams where most continuations end', () => {
    const search = new BeamSearch(3, settings(9, 1, [0, 1]));
    search.advance(rows({ 4: -1, 5: -1.5, 6: -2 }));
    expect([search.width, search.parents, search.tokens]).toEqual([3, [0, 0, 0], [4, 5, 6]]);
    // Seven of the best nine end; of them only the second and third are among the first three.
    search.advance(
      rows({ 7: -0.1, 0: -0.2, 1: -0.3 }, { 0: -0.4, 1: -0.5, 8: -3 }, { 0: -0.6, 1: -0.7, 9: -4 }),
    );
    expect([search.width, search.parents, search.tokens]).toEqual([3, [0, 1, 2], [7, 8, 9]]);
    expect(search.results[0]!.ids).toEqual([4, 0]);
    expect(search.results[0]!.score).toBeCloseTo(-1.2 / 2, 6);
  });

  it('stops when no running beam can beat the worst of as many hypotheses as beams', () => {
    const search = new BeamSearch(2, settings(9, 1, [0]));
    search.advance(rows({ 0: -1, 4: -1.1 }));
    expect(search.width).toBe(2);
    search.advance(rows({ 0: -1, 5: -1.5 }, { 0: -3 }));
    // Hypotheses score -1 and -1.05; the best running beam would score -1.3.
    expect(search.width).toBe(0);
    expect(search.results[0]).toEqual({ ids: [0], score: -1 });
  });

  it('takes running beams as they are at the limit, and the first token of equals', () => {
    const search = new BeamSearch(2, settings(2, 0, []));
    search.advance(rows({ 3: -1, 4: -1 }));
    expect(search.tokens).toEqual([3, 4]);
    search.advance(rows({ 5: -2 }, { 6: -2 }));
    expect(search.width).toBe(0);
    expect(search.results[0]).toEqual({ ids: [3, 5], score: -3 });
  });
});
