import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Adapter, createAdapter } from '@ocelli/adapters';
import { generateReference } from '@ocelli/backbones';
import { gatherRows, normal, Random, scope, slice, type Tensor, tensor } from '@ocelli/ops';
import { promptTokens, textFrame, tokenizeExample } from '@ocelli/training';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeTinyBackbones } from '../../test/tiny-backbones.js';
import { generateTexts, optionsOfPart, rankTexts, streamGeneratedText } from './generate-texts.js';
import { locateBackbones } from './locate-backbones.js';
import { type Backbones, openBackbones } from './open-backbones.js';

let backbones: Backbones;
beforeAll(async () => {
  const root = mkdtempSync(join(tmpdir(), 'ocelli-generate-'));
  backbones = openBackbones(await locateBackbones(await makeTinyBackbones(root)));
});
afterAll(() => backbones.dispose());

// In the reference form the injected token sees later tokens and padding, so neither a cache nor a batch reproduces it.
test.each(['clean', 'reference'])('%s eP-ALM writes the same alone and among others', async (compat) => {
  const { languageModel, encoder } = backbones;
  const context = { languageModel: languageModel.config, encoder: encoder.config, random: new Random(3) };
  const adapter = createAdapter('epalm', { features: 1, startLayer: 1, endLayer: 3, compat }, context);
  const features = normal(new Random(4), [3, 1, 1, 16], 5);
  const prompts = ['what?', '', 'how many are there?'];
  const together = await generateTexts({ ...backbones, adapter }, features, prompts, { maxNewTokens: 6 });
  for (const [row, prompt] of prompts.entries()) {
    using own = slice(features, 0, row, row + 1);
    const alone = await generateTexts({ ...backbones, adapter }, own, [prompt], { maxNewTokens: 6 });
    expect(alone).toEqual([together[row]]);
  }
  expect(together.join('')).not.toBe('');
  expect(together).toEqual(await byFullForwards(adapter, features, prompts, 6));
});

test('prepares questions as the adapter was trained, and decodes as the released eP-ALM on request', async () => {
  const { languageModel, encoder, tokenizer } = backbones;
  const context = { languageModel: languageModel.config, encoder: encoder.config, random: new Random(3) };
  const config = { features: 1, startLayer: 1, endLayer: 3, compat: 'reference' };
  const adapter = createAdapter('epalm', config, context);
  using features = normal(new Random(4), [2, 1, 1, 16], 5);
  const generator = { ...backbones, adapter, inputs: { questionSuffix: '?', answerToken: '</s>' } };
  const options = { decoding: 'reference', beams: 3, maxNewTokens: 16 } as const;
  const texts = await generateTexts(generator, features, ['what', ''], options);
  const frame = textFrame(tokenizer, languageModel.config, '</s>');
  const released = await generateReference(languageModel, {
    prompts: ['what?', ''].map((prompt) => promptTokens(tokenizer, frame, prompt)),
    hooks: (rows) => adapter.hooks(gatherRows(features, tensor(rows))),
    maxLength: 16,
  });
  expect(texts).toEqual(released.map(({ ids }) => tokenizer.decode(ids, { skipSpecialTokens: true }).trim()));
  const standard = await generateTexts(generator, features, ['what', ''], { beams: 3, maxNewTokens: 16 });
  expect(texts).not.toEqual(standard);
  await expect(generateTexts(generator, features, ['what', ''], { ...options, stop: ['a'] })).rejects.toThrow(
    "decoding 'reference' is plain beam search; leave out sampling, repetitionPenalty and stop",
  );
  adapter.dispose();
});

test('streams the text that it writes, and ranks by the loss of each answer', async () => {
  const { languageModel, encoder, tokenizer } = backbones;
  const context = { languageModel: languageModel.config, encoder: encoder.config, random: new Random(3) };
  const adapter = createAdapter('limber', {}, context);
  const generator = { ...backbones, adapter };
  const { layers, tokens } = adapter.features;
  const features = normal(new Random(4), [1, layers, tokens === 'class' ? 1 : encoder.config.tokens, 16]);
  const texts = new Set<string>();
  for (let seed = 0; seed < 25; seed++) {
    const options = { sampling: { seed, temperature: 2 }, maxNewTokens: 8, stop: ['ab', ' t'] };
    const [text] = await generateTexts(generator, features, ['what?'], options);
    const pieces: string[] = [];
    for await (const piece of streamGeneratedText(generator, features, 'what?', options)) pieces.push(piece);
    expect(pieces.join('')).toBe(text);
    texts.add(text!);
  }
  expect(texts.size).toBeGreaterThan(10);

  // The same draws whether a list is written in one part or in several.
  const sampled = { sampling: { seed: 2, temperature: 2 }, maxNewTokens: 8 };
  using three = normal(new Random(5), [3, ...features.shape.slice(1)]);
  const prompts = ['what?', '', 'how many?'];
  const whole = await generateTexts(generator, three, prompts, sampled);
  using rest = slice(three, 0, 1, 3);
  const part = await generateTexts(generator, rest, prompts.slice(1), optionsOfPart(sampled, 1));
  expect(part).toEqual(whole.slice(1));

  const answers = ['red', 'a blue one', 'no'];
  const [ranked] = await rankTexts(generator, features, ['what?'], answers);
  const frame = textFrame(tokenizer, languageModel.config);
  for (const { answer, logProbability } of ranked!) {
    const { ids, targetBegin } = tokenizeExample(tokenizer, frame, 'what?', answer);
    const batch = { batch: 1, tokens: ids.length, ids, mask: new Uint8Array(ids.length).fill(1) };
    const rows = Int32Array.from({ length: ids.length - targetBegin }, (_, i) => targetBegin - 1 + i);
    const loss = scope(() =>
      languageModel.loss(
        { input: batch, hooks: adapter.hooks(features), logitRows: tensor(rows) },
        tensor(ids.slice(targetBegin)),
        { reduction: 'sum' },
      ),
    );
    expect(logProbability).toBeCloseTo(-(await loss.item()), 4);
    loss.dispose();
  }
  const order = ranked!.map(({ logProbability }) => logProbability);
  expect(order).toEqual([...order].sort((a, b) => b - a));
  features.dispose();
  adapter.dispose();
});

/** Greedy decoding of one prompt after the other, by a forward pass over the whole text for every token. */
async function byFullForwards(
  adapter: Adapter,
  features: Tensor,
  prompts: readonly string[],
  maxNewTokens: number,
): Promise<string[]> {
  const { languageModel, tokenizer } = backbones;
  const { vocabularySize, endId } = languageModel.config;
  const texts: string[] = [];
  for (const [row, prompt] of prompts.entries()) {
    using own = slice(features, 0, row, row + 1);
    const ids = promptTokens(tokenizer, textFrame(tokenizer, languageModel.config), prompt);
    const begin = ids.length;
    do {
      const tokens = ids.length;
      const input = { batch: 1, tokens, ids: Int32Array.from(ids), mask: new Uint8Array(tokens).fill(1) };
      const data = scope(() => languageModel.forward({ input, hooks: adapter.hooks(own) }).logits.data());
      const logits = [...(await data).subarray(-vocabularySize)];
      ids.push(logits.indexOf(Math.max(...logits)));
    } while (ids.at(-1) !== endId && ids.length < begin + maxNewTokens);
    texts.push(tokenizer.decode(ids.slice(begin), { skipSpecialTokens: true }).trim());
  }
  return texts;
}
