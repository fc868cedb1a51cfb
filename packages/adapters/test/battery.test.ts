import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  generate,
  type LanguageModel,
  type PackedTokens,
  packTokens,
  rankAnswers,
  type TokenBatch,
} from '@ocelli/backbones';
import {
  backward,
  gatherRows,
  normal,
  Random,
  readSafetensorsArrays,
  scope,
  slice,
  type Tensor,
  tensor,
} from '@ocelli/ops';
import { afterAll, describe, expect, it } from 'vitest';
import { type Adapter, adapterMethods, createAdapter } from '../src/index.js';
import { loadAdapter, saveAdapter } from '../src/save.js';
import {
  backbones,
  logitsOf,
  randomFeatures,
  randomLanguageModel,
  relativeDifference,
  sentence,
  tokenBatch,
} from './support.js';

/** The loss of predicting each next token, and its gradients by parameter. */
async function lossOf(
  languageModel: LanguageModel,
  adapter: Adapter,
  features: Tensor,
  input: TokenBatch | PackedTokens,
): Promise<Map<string, Float32Array>> {
  const begins = sentences.map((_, row) =>
    'tokens' in input ? row * input.tokens : input.lengths.slice(0, row).reduce((a, b) => a + b, 0),
  );
  const rows = sentences.flatMap((words, row) => words.slice(1).map((_, token) => begins[row]! + token));
  const targets = sentences.flatMap((words) => words.slice(1));
  const loss = scope(() => {
    const call = { input, hooks: adapter.hooks(features), logitRows: tensor(Int32Array.from(rows)) };
    const value = languageModel.loss(call, tensor(Int32Array.from(targets)));
    backward(value);
    return value.data();
  });
  const results = new Map([['loss', await loss]]);
  for (const [name, { tensor: parameter }] of adapter.parameters) {
    results.set(name, await parameter.grad!.data());
    parameter.grad!.dispose();
    parameter.grad = null;
  }
  return results;
}

/** Configurations to try beside each method's defaults. */
const variants: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  epalm: {
    'separate linears, soft prompt with MLP': {
      features: 4,
      startLayer: 1,
      endLayer: 5,
      prompt: { length: 10, mlp: true },
    },
    'one linear, no prompt': { features: 4, startLayer: 2, sharedProjection: true, prompt: { length: 0 } },
    'to the last layer': { features: 2, startLayer: 0, endLayer: 6, oncePerFeature: true },
    'as released': {
      features: 4,
      startLayer: 1,
      endLayer: 5,
      prompt: { length: 3, mlp: true },
      compat: 'reference',
    },
  },
  limber: { 'all tokens': { tokens: 'all' } },
  magma: { 'all tokens, attention too': { tokens: 'all', attention: true, downsampleFactor: 8 } },
  promptfuse: { 'one token': { promptLength: 1 } },
};

const cases = adapterMethods().flatMap(({ name }) =>
  Object.entries({ defaults: {}, ...variants[name] }).flatMap(([variant, config]) =>
    (['opt', 'gpt2', 'llama'] as const).map((on) => ({ name, variant, config, on })),
  ),
);

const { encoder, languageModel: opt } = backbones();
const languageModels = { opt, gpt2: randomLanguageModel('gpt2'), llama: randomLanguageModel('llama') };
const { vocabularySize } = opt.config;

function create({ name, config, on }: (typeof cases)[number], seed = 1): Adapter {
  const random = new Random(seed);
  return createAdapter(name, config, {
    languageModel: languageModels[on].config,
    encoder: encoder.config,
    random,
  });
}

const folder = mkdtempSync(join(tmpdir(), 'ocelli-battery-'));
afterAll(() => rmSync(folder, { recursive: true }));

const random = new Random(7);
const sentences = [sentence(random, 9), sentence(random, 4), sentence(random, 7)];

describe.each(cases)('every adapter: $name, $variant, on $on', (which) => {
  const languageModel = languageModels[which.on];

  it('is made anew from its own configuration, alike for the same seed', async () => {
    const adapter = create(which);
    const again = create({ ...which, config: JSON.parse(JSON.stringify(adapter.config)) });
    expect(again.config).toEqual(adapter.config);
    expect([...again.parameters.keys()]).toEqual([...adapter.parameters.keys()]);
    for (const [name, parameter] of adapter.parameters) {
      expect(parameter.tensor.requiresGrad, name).toBe(true);
      expect(await again.parameters.get(name)!.tensor.data()).toEqual(await parameter.tensor.data());
    }
    for (const buffer of adapter.buffers.values()) expect(buffer.requiresGrad).toBe(false);
  });

  it('gets a gradient to every parameter in the first step, and to nothing else', async () => {
    const adapter = create(which);
    const features = randomFeatures(adapter, encoder, 3, 2);
    scope(() => {
      const input = tokenBatch(sentences);
      const targets = Int32Array.from(input.ids, (id, i) => (input.mask[i] ? id : -100));
      backward(languageModel.loss({ input, hooks: adapter.hooks(features) }, tensor(targets)));
    });
    for (const [name, { tensor: parameter }] of adapter.parameters) {
      expect(parameter.grad, name).not.toBeNull();
      const gradient = await parameter.grad!.data();
      expect(gradient.every(Number.isFinite), name).toBe(true);
      expect(
        gradient.some((value) => value !== 0),
        name,
      ).toBe(true);
    }
    for (const buffer of adapter.buffers.values()) expect(buffer.grad).toBeNull();
    expect(features.grad).toBeNull();
  });

  it('depends on the image', async () => {
    const adapter = create(which);
    const input = tokenBatch([sentences[0]!]);
    const one = await logitsOf(languageModel, adapter, randomFeatures(adapter, encoder, 1, 2), input);
    const other = await logitsOf(languageModel, adapter, randomFeatures(adapter, encoder, 1, 3), input);
    expect(relativeDifference(one, other)).toBeGreaterThan(1e-3);
  });

  it.runIf(create(which).causal)('shows no token anything of later ones', async () => {
    const adapter = create(which);
    const features = randomFeatures(adapter, encoder, 2, 2);
    const before = await logitsOf(
      languageModel,
      adapter,
      features,
      tokenBatch([sentences[0]!, sentences[2]!]),
    );
    const changed = [...sentences[0]!];
    changed[6] = changed[6] === 50 ? 51 : 50;
    const after = await logitsOf(languageModel, adapter, features, tokenBatch([changed, sentences[2]!]));
    expect(after.subarray(0, 6 * vocabularySize)).toEqual(before.subarray(0, 6 * vocabularySize));
    const later = (logits: Float32Array) => logits.subarray(6 * vocabularySize, 9 * vocabularySize);
    expect(relativeDifference(later(after), later(before))).toBeGreaterThan(1e-3);
    expect(after.subarray(9 * vocabularySize)).toEqual(before.subarray(9 * vocabularySize));
  });

  it.runIf(create(which).causal)('answers a sample alike whatever its batch mates and padding', async () => {
    const adapter = create(which);
    const features = randomFeatures(adapter, encoder, 3, 2);
    for (const side of ['right', 'left'] as const) {
      const input = tokenBatch(sentences, { tokens: 12, side });
      const together = await logitsOf(languageModel, adapter, features, input);
      for (const [row, words] of sentences.entries()) {
        using own = slice(features, 0, row, row + 1);
        const alone = await logitsOf(languageModel, adapter, own, tokenBatch([words]));
        const begin = row * 12 + (side === 'left' ? 12 - words.length : 0);
        const part = together.subarray(begin * vocabularySize, (begin + words.length) * vocabularySize);
        expect(relativeDifference(part, alone)).toBeLessThan(1e-5);
      }
    }
  });

  it.runIf(create(which).causal)('answers a packed sample to the bits that it gets alone', async () => {
    const adapter = create(which);
    const features = randomFeatures(adapter, encoder, 3, 2);
    const together = await logitsOf(languageModel, adapter, features, packTokens(sentences));
    let begin = 0;
    for (const [row, words] of sentences.entries()) {
      using own = slice(features, 0, row, row + 1);
      const alone = await logitsOf(languageModel, adapter, own, tokenBatch([words]));
      const end = begin + words.length * vocabularySize;
      expect(together.subarray(begin, end)).toEqual(alone);
      begin = end;
    }
  });

  it.runIf(create(which).causal)('has the loss and the gradients of padded samples when packed', async () => {
    const adapter = create(which);
    const features = randomFeatures(adapter, encoder, 3, 2);
    const padded = await lossOf(languageModel, adapter, features, tokenBatch(sentences));
    const packed = await lossOf(languageModel, adapter, features, packTokens(sentences));
    for (const [name, values] of padded) {
      expect(relativeDifference(packed.get(name)!, values), name).toBeLessThan(1e-6);
    }
  });

  it.runIf(create(which).causal)('decodes with a cache as a full forward pass does', async () => {
    const adapter = create(which);
    const features = randomFeatures(adapter, encoder, 3, 2);
    const width = 9;
    const full = await logitsOf(
      languageModel,
      adapter,
      features,
      tokenBatch(sentences, { tokens: width, side: 'left' }),
    );
    const cache = languageModel.createCache();
    const { ids, mask } = tokenBatch(sentences, { tokens: width, side: 'left' });
    const columns = (values: Int32Array | Uint8Array, begin: number, end: number): number[] =>
      sentences.flatMap((_, row) => [...values.subarray(row * width + begin, row * width + end)]);
    for (const [begin, end] of [
      [0, 6],
      [6, 7],
      [7, 8],
      [8, 9],
    ] as const) {
      const tokens = end - begin;
      const input = {
        batch: 3,
        tokens,
        ids: Int32Array.from(columns(ids, begin, end)),
        mask: Uint8Array.from(columns(mask, begin, end)),
      };
      const hooks = adapter.hooks(features);
      const logits = await scope(() => languageModel.forward({ input, hooks, cache }).logits.data());
      for (const row of sentences.keys()) {
        const first = Math.max(0, width - sentences[row]!.length - begin); // columns of padding have no meaning
        const part = logits.subarray(
          (row * tokens + Math.min(first, tokens)) * vocabularySize,
          (row + 1) * tokens * vocabularySize,
        );
        const from = row * width + begin + Math.min(first, tokens);
        const expected = full.subarray(from * vocabularySize, (row * width + end) * vocabularySize);
        expect(part.length === 0 || relativeDifference(part, expected) < 1e-5).toBe(true);
      }
    }
    cache.dispose();
  });

  it.each<[string, object]>([
    ['greedy', {}],
    ['beams', { beams: 3, returnedSequences: 2 }],
    ['samples', { sampling: { seed: 6, temperature: 1.2, topK: 30 }, returnedSequences: 2 }],
  ])('writes what it writes alone and by full forward passes: %s', async (_, options) => {
    const adapter = create(which);
    const features = randomFeatures(adapter, encoder, 3, 2);
    const hooks = (rows: Int32Array) => adapter.hooks(gatherRows(features, tensor(rows)));
    const common = { ...options, maxNewTokens: 6, lengthPenalty: 0 };
    const together = await generate(languageModel, {
      prompts: sentences,
      hooks,
      cached: adapter.causal,
      ...common,
    });
    const anew = await generate(languageModel, { prompts: sentences, hooks, cached: false, ...common });
    expect(together.map(({ ids }) => ids)).toEqual(anew.map(({ ids }) => ids));
    const perPrompt = together.length / sentences.length;
    for (const [index, { ids, score }] of together.entries()) {
      expect(Math.abs(anew[index]!.score - score)).toBeLessThan(1e-4);
      const row = Math.floor(index / perPrompt);
      using own = slice(features, 0, row, row + 1);
      let sum = 0;
      for (const [step, id] of ids.entries()) {
        const text = [...sentences[row]!, ...ids.slice(0, step)];
        const logits = await logitsOf(languageModel, adapter, own, tokenBatch([text]));
        const last = [...logits.subarray(-vocabularySize)];
        sum += last[id]! - Math.log(last.reduce((total, logit) => total + Math.exp(logit), 0));
      }
      expect(Math.abs(score - sum)).toBeLessThan(1e-4);
    }
  });

  it('ranks answers as full forward passes do', async () => {
    const adapter = create(which);
    const features = randomFeatures(adapter, encoder, 3, 2);
    const hooks = (rows: Int32Array) => adapter.hooks(gatherRows(features, tensor(rows)));
    const answers = [[9], [9, 20, 2], [40, 41], [77, 2]];
    const options = { prompts: sentences, answers, hooks };
    const ranked = await rankAnswers(languageModel, { ...options, cached: adapter.causal });
    const anew = await rankAnswers(languageModel, { ...options, cached: false });
    for (const [row, list] of ranked.entries()) {
      expect(list.map(({ answer }) => answer)).toEqual(anew[row]!.map(({ answer }) => answer));
      for (const [rank, { score }] of list.entries())
        expect(Math.abs(score - anew[row]![rank]!.score)).toBeLessThan(1e-4);
    }
  });

  it('is saved and loaded with exactly the tensors that it has', async () => {
    const adapter = create(which);
    const values = new Random(99);
    const all = new Map([...adapter.parameters].map(([name, { tensor: parameter }]) => [name, parameter]));
    for (const [name, buffer] of adapter.buffers) all.set(name, buffer);
    for (const each of all.values()) each.write(await normal(values, each.shape, 0.1).data());
    const path = join(folder, `${which.name}-${which.variant.replaceAll(/\W+/g, '-')}`);
    const identity = {
      languageModel: { name: 'tiny-opt', fingerprint: languageModel.fingerprint },
      encoder: { name: 'tiny-vit', fingerprint: encoder.fingerprint },
    };
    await saveAdapter(path, adapter, identity);
    const stored = readSafetensorsArrays(join(path, 'adapter_model.safetensors'));
    expect([...stored.keys()].sort()).toEqual([...all.keys()].sort());
    const loaded = loadAdapter(path, { languageModel, encoder });
    expect(loaded.name).toBe(adapter.name);
    expect(loaded.config).toEqual(adapter.config);
    for (const [name, each] of all) {
      const again = loaded.parameters.get(name)?.tensor ?? loaded.buffers.get(name)!;
      expect(await again.data(), name).toEqual(await each.data());
    }
    const features = randomFeatures(adapter, encoder, 3, 2);
    const input = tokenBatch(sentences);
    expect(await logitsOf(languageModel, loaded, features, input)).toEqual(
      await logitsOf(languageModel, adapter, features, input),
    );
  });
});
