// What transformers.generate answers on the checkpoints, in every way of batching.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBackbone } from '../load.js';
import type { EncoderDecoder } from '../model/encoder-decoder.js';
import type { LanguageModel } from '../model/language-model.js';
import { loadTokenizer } from '../tokenizers/tokenizer.js';
import { generate } from './generate.js';
import { streamTokens } from './stream-tokens.js';

interface GenerationFixture {
  maxNewTokens: number;
  beam: { numBeams: number; lengthPenalty: number };
  eosTokenId: number | number[];
  leftPaddedBatches?: number[][];
  cases: {
    text?: string;
    promptIds: number[];
    greedy: number[];
    greedyText?: string;
    beam: number[];
    beamText?: string;
    beamScore: number;
  }[];
}

const fixtures = fileURLToPath(new URL('../../test/fixtures', import.meta.url));
const names = readdirSync(fixtures).filter((name) => existsSync(join(fixtures, name, 'generation.json')));

describe.each(names)('%s', (name) => {
  const directory = join(fixtures, name);
  const {
    cases,
    maxNewTokens,
    eosTokenId,
    beam,
    leftPaddedBatches = [],
  } = JSON.parse(readFileSync(join(directory, 'generation.json'), 'utf8')) as GenerationFixture;
  let model: LanguageModel | EncoderDecoder;
  beforeAll(() => {
    const backbone = loadBackbone(directory);
    if (backbone.kind === 'encoder') throw new Error(`${name} is an encoder`);
    model = backbone.model;
  });
  afterAll(() => model.dispose());
  const greedy = { maxNewTokens, endId: eosTokenId };
  const withBeams = { ...greedy, beams: beam.numBeams, lengthPenalty: beam.lengthPenalty };
  const batches = [...cases.map((_, index) => [index]), ...leftPaddedBatches, [...cases.keys()].reverse()];

  it.each(batches.map((batch) => [batch]))('prompts %j', async (batch) => {
    const chosen = batch.map((index) => cases[index]!);
    const prompts = chosen.map(({ promptIds }) => promptIds);
    const greedyAnswers = await generate(model, { prompts, ...greedy });
    expect(greedyAnswers.map(({ ids }) => ids)).toEqual(chosen.map((testCase) => testCase.greedy));
    const beamAnswers = await generate(model, { prompts, ...withBeams });
    expect(beamAnswers.map(({ ids }) => ids)).toEqual(chosen.map((testCase) => testCase.beam));
    for (const [row, { score }] of beamAnswers.entries())
      expect(score).toBeCloseTo(chosen[row]!.beamScore, 4);
  });

  it.runIf(Array.isArray(eosTokenId))('ends at each end token of the configuration by default', async () => {
    const prompts = cases.map(({ promptIds }) => promptIds);
    const answers = await generate(model, { prompts, maxNewTokens });
    expect(answers.map(({ ids }) => ids)).toEqual(cases.map((testCase) => testCase.greedy));
    const ends = new Set(answers.map(({ ids }) => ids.at(-1)!));
    expect(
      [...('endIds' in model.config ? (model.config.endIds ?? []) : [])].every((id) => ends.has(id)),
    ).toBe(true);
  });

  it('streams the greedy answer', async () => {
    const { promptIds, greedy: expected } = cases[0]!;
    const ids: number[] = [];
    for await (const id of streamTokens(model, { prompt: promptIds, ...greedy })) ids.push(id);
    expect(ids).toEqual(expected);
  });

  it.runIf(cases[0]!.text !== undefined)('goes from text to text', () => {
    const tokenizer = loadTokenizer(directory);
    for (const testCase of cases) {
      expect(tokenizer.encode(testCase.text!)).toEqual(testCase.promptIds);
      expect(tokenizer.decode(testCase.greedy, { skipSpecialTokens: true })).toBe(testCase.greedyText);
      expect(tokenizer.decode(testCase.beam, { skipSpecialTokens: true })).toBe(testCase.beamText);
    }
  });
});
