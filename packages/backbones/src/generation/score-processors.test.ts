// What transformers' LogitsProcessor and LogitsWarper classes do to random scores: tools/golden/generation_options.py.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { drawFor, type SamplingOptions, samplingFilters } from './sampling.js';
import { drawToken, topK, topP } from './sampling-filters.js';
import {
  badWords,
  minNewTokens,
  noRepeatNgrams,
  onlyAnswers,
  repetitionPenalty,
  type ScoreProcessor,
  suppressedTokens,
} from './score-processors.js';

interface GoldenCase {
  options: Record<string, never>;
  text: number[];
  newTokens: number;
  scores: number[];
  expected: (number | null)[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../test/score-processors.json', import.meta.url), 'utf8'),
) as GoldenCase[];

const makers: Record<string, (value: never) => ScoreProcessor | ScoreProcessor[]> = {
  repetitionPenalty,
  noRepeatNgrams,
  badWords: (words) => badWords(words, new Set([2])),
  minNewTokens: (count) => minNewTokens(count, new Set([2, 3])),
  suppressedTokens,
  onlyAnswers: (answers) => onlyAnswers(answers, new Set([2])),
  ...Object.fromEntries(
    ['temperature', 'topK', 'topP', 'minP'].map((name) => [
      name,
      (value: never) => samplingFilters({ seed: 0, [name]: value } as unknown as SamplingOptions),
    ]),
  ),
};

describe('score processors', () => {
  it.each(golden.map((each, index) => [JSON.stringify(each.options), index, each] as const))(
    'does %s as transformers does (%i)',
    (_, __, { options, text, newTokens, scores, expected }) => {
      const row = Float32Array.from(scores);
      for (const [name, value] of Object.entries(options))
        for (const process of [makers[name]!(value)].flat()) process(row, text, newTokens);
      for (const [id, wanted] of expected.entries()) {
        if (wanted === null) expect(row[id]).toBe(Number.NEGATIVE_INFINITY);
        else expect(Math.abs(row[id]! - wanted)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(wanted)));
      }
    },
  );

  it('keeps the smallest sufficient set of a flat distribution, by id among equals', () => {
    const flat = new Float32Array(1000);
    topP(0.25)(flat, [], 0);
    expect([...flat.entries()].filter(([, score]) => score === 0).map(([id]) => id)).toEqual(
      Array.from({ length: 250 }, (_, id) => id),
    );
    // One likely token and a long tail far below it that must be kept all the same.
    const tail = new Float32Array(50_000).fill(-11);
    tail[7] = 0;
    topP(0.9)(tail, [], 0);
    const kept = tail.filter((score) => score > Number.NEGATIVE_INFINITY).length;
    const total = 1 + 49_999 * Math.exp(-11);
    expect(kept).toBe(1 + Math.max(0, Math.ceil((0.9 * total - 1) / Math.exp(-11))));
  });
});

describe('drawing', () => {
  const scores = Float32Array.from([0, 1, Number.NEGATIVE_INFINITY, 2, -1]);

  it('takes the token at which the sum of probabilities exceeds the number', () => {
    const weights = [...scores].map(Math.exp);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    let sum = 0;
    for (const [id, weight] of weights.entries()) {
      if (weight === 0) continue;
      expect(drawToken(scores, sum / total + 1e-9)).toBe(id);
      sum += weight;
      expect(drawToken(scores, sum / total - 1e-9)).toBe(id);
    }
    expect(drawToken(scores, 0)).toBe(0);
    expect(drawToken(scores, 1 - 2 ** -53)).toBe(4);
    expect(drawToken(new Float32Array(3).fill(Number.NEGATIVE_INFINITY), 0.5)).toBe(-1);
    expect(drawToken(Float32Array.of(1, Number.NaN), 0.5)).toBe(-1);
  });

  it('follows the distribution over seeds, prompts, samples and steps alike', () => {
    const total = [...scores].reduce((sum, score) => sum + Math.exp(score), 0);
    const draws = 20_000;
    const streams: [string, (i: number) => number][] = [
      ['seeds', (i) => drawFor(0, { seed: i })(scores, 0, 0)],
      ['prompts', (i) => drawFor(i, { seed: 5 })(scores, 0, 0)],
      ['samples', (i) => drawFor(0, { seed: 5 })(scores, i, 0)],
      ['steps', (i) => drawFor(0, { seed: 5 })(scores, 0, i)],
    ];
    for (const [name, draw] of streams) {
      const counts = [0, 0, 0, 0, 0];
      for (let i = 0; i < draws; i++) counts[draw(i)]!++;
      for (const [id, count] of counts.entries()) {
        const share = Math.exp(scores[id]!) / total;
        // Five standard deviations of a binomial count.
        const width = 5 * Math.sqrt(draws * share * (1 - share));
        expect(Math.abs(count - draws * share), `${name}, token ${id}`).toBeLessThanOrEqual(width);
      }
    }
    expect(drawFor(3, { seed: 9 })(scores, 1, 2)).toBe(drawFor(0, { seed: 9, firstPrompt: 3 })(scores, 1, 2));
  });

  it('never draws what a filter took away', () => {
    const row = scores.slice();
    topK(2)(row, [], 0);
    const drawn = new Set(Array.from({ length: 500 }, (_, seed) => drawFor(0, { seed })(row, 0, 0)));
    expect(drawn).toEqual(new Set([1, 3]));
  });
});
