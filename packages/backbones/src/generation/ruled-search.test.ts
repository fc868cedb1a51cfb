import { describe, expect, it } from 'vitest';
import type { DecodingRules } from '../model/decoding-rules.js';
import { BeamSearch } from './beam-search.js';
import { GreedySearch } from './greedy-search.js';
import { RuledSearch } from './ruled-search.js';

const free: DecodingRules = { forcedFirstId: null, forcedLastIds: [], minLength: 0, noRepeatNgramSize: 0 };
const settings = { maxNewTokens: 5, lengthPenalty: 1, endIds: new Set([2]) };
/** Log-probabilities in which 3 is likeliest, then 2, 4, 5, 6. */
const logits = [-9, -8, -2, -1, -3, -4, -5];

function greedy(rules: Partial<DecodingRules>): { ids: number[]; score: number } {
  const search = new RuledSearch(new GreedySearch(settings), {
    ...settings,
    rules: { ...free, ...rules },
    startId: 0,
  });
  while (search.width > 0) search.advance(Float32Array.from(logits));
  return search.best;
}

describe('RuledSearch', () => {
  it.each<[Partial<DecodingRules>, number[]]>([
    [{}, [3, 3, 3, 3, 3]],
    [{ forcedFirstId: 5 }, [5, 3, 3, 3, 3]],
    [{ forcedLastIds: [2] }, [3, 3, 3, 3, 2]],
    [{ forcedLastIds: [6, 4] }, [3, 3, 3, 3, 4]],
    // No token twice, the start 0 among them: 2 would end it.
    [{ noRepeatNgramSize: 1 }, [3, 2]],
    [{ noRepeatNgramSize: 1, minLength: 4 }, [3, 4, 5, 2]],
    // No pair twice.
    [{ noRepeatNgramSize: 2 }, [3, 3, 2]],
    [{ noRepeatNgramSize: 2, minLength: 9 }, [3, 3, 4, 3, 5]],
    [{ noRepeatNgramSize: 3, minLength: 9 }, [3, 3, 3, 4, 3]],
    // What must come is stronger than what may not.
    [{ noRepeatNgramSize: 1, minLength: 9, forcedLastIds: [3] }, [3, 4, 5, 6, 3]],
  ])('under %j writes %j', (rules, ids) => {
    expect(greedy(rules).ids).toEqual(ids);
  });

  it('counts a forced token as certain', () => {
    expect(greedy({ forcedFirstId: 6, forcedLastIds: [2] }).score).toBeCloseTo(-3 / 5, 6);
  });

  it('follows each beam by its own text, and leaves what it is given as it was', () => {
    const search = new RuledSearch(new BeamSearch(2, settings), {
      ...settings,
      rules: { ...free, noRepeatNgramSize: 1, minLength: 9, forcedLastIds: [2] },
      startId: 0,
    });
    const given = Float32Array.from(logits);
    search.advance(given);
    expect(search.tokens).toEqual([3, 4]);
    while (search.width > 0) {
      const before = Float32Array.from(Array.from({ length: search.width }, () => logits).flat());
      const after = before.slice();
      search.advance(after);
      expect(after).toEqual(before);
    }
    expect(given).toEqual(Float32Array.from(logits));
    expect([...search.best.ids].sort()).toEqual([2, 3, 4, 5, 6]);
    expect(search.best.score).toBeCloseTo(-13 / 5, 5);
  });
});
