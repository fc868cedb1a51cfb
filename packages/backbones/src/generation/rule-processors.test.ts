import { describe, expect, it } from 'vitest';
import type { DecodingRules } from '../model/decoding-rules.js';
import { BeamSearch } from './beam-search.js';
import { allScores } from './next-scores.js';
import { ruleProcessors } from './rule-processors.js';
import type { SearchSettings } from './search.js';
import { TokenSearch } from './token-search.js';

const free: DecodingRules = { forcedFirstId: null, forcedLastIds: [], minLength: 0, noRepeatNgramSize: 0 };
const startId = 0;
const maxNewTokens = 5;

function settings(rules: Partial<DecodingRules>): SearchSettings {
  const endIds = new Set([2]);
  return {
    maxNewTokens,
    lengthPenalty: 1,
    endIds,
    stops: () => false,
    normalized: true,
    processors: ruleProcessors({ ...free, ...rules }, maxNewTokens, endIds),
  };
}

/** Log-probabilities in which 3 is likeliest, then 2, 4, 5, 6. */
const logits = [-9, -8, -2, -1, -3, -4, -5];

function greedy(rules: Partial<DecodingRules>): number[] {
  const search = new TokenSearch(settings(rules), [startId]);
  while (search.width > 0) search.advance(allScores(Float32Array.from(logits), logits.length));
  return search.results[0]!.ids;
}

describe('ruleProcessors', () => {
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
    expect(greedy(rules)).toEqual(ids);
  });

  it('follow each beam by its own text; a forced token counts as certain', () => {
    const rules = { noRepeatNgramSize: 1, minLength: 9, forcedLastIds: [2] };
    const search = new BeamSearch(2, settings(rules), [startId], false);
    search.advance(allScores(Float32Array.from(logits), logits.length));
    expect(search.tokens).toEqual([3, 4]);
    while (search.width > 0) {
      search.advance(
        allScores(
          Float32Array.from(Array.from({ length: search.width }, () => logits).flat()),
          logits.length,
        ),
      );
    }
    const [best] = search.results;
    expect([...best!.ids].sort()).toEqual([2, 3, 4, 5, 6]);
    expect(best!.score).toBeCloseTo(-13 / 5, 5);
  });
});
