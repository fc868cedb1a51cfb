// What holds for every decoder, on a checkpoint of each kind.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  AdamW,
  add,
  backward,
  crossEntropy,
  device,
  noGrad,
  normal,
  Random,
  reshape,
  scale,
  scope,
  slice,
  type Tensor,
  tensor,
} from '@ocelli/ops';
import { afterAll, describe, expect, it } from 'vitest';
import { loadLanguageModel } from '../load.js';
import type { Hooks, LinearName, Site } from './hooks.js';
import type { LanguageModelInput } from './language-model.js';

const input = {
  batch: 2,
  tokens: 5,
  ids: Int32Array.of(2, 59, 58, 116, 7, 2, 9, 30, 1, 1),
  mask: Uint8Array.of(1, 1, 1, 1, 1, 1, 1, 1, 0, 0),
};
const targets = Int32Array.of(59, 58, 116, 7, -100, 9, 30, -100, -100, -100);

const folderOf = (name: string): string =>
  fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url));
const decoders = ['opt-pre-norm', 'opt-post-norm', 'gpt2', 'gpt2-unscaled', 'llama-3', 'llama-wide-heads'];

const counts = JSON.parse(
  readFileSync(new URL('../../test/decoder-parameters.json', import.meta.url), 'utf8'),
) as Record<string, number>;
it.each(Object.entries(counts))('%s has the parameters that transformers counts', (name, expected) => {
  const model = loadLanguageModel(folderOf(name));
  expect(model.parameterCount).toBe(expected);
  model.dispose();
});

it.each([...decoders, 'mistral'])('%s frees what it has loaded', (name) => {
  const before = device.memory().allocated;
  scope(() => loadLanguageModel(folderOf(name))).dispose();
  expect(device.memory().allocated).toBe(before);
});

describe.each(decoders)('the loss of %s', (name) => {
  const model = loadLanguageModel(folderOf(name));
  afterAll(() => model.dispose());
  const { config } = model;

  /** Reaches in everywhere from the last block on, where the head's input is made. */
  function hooksOf(shift: Tensor, headShift: Tensor): Hooks {
    return {
      override: (layer, sequence) =>
        layer === config.layers ? { ...sequence, hiddenStates: add(sequence.hiddenStates, shift) } : sequence,
      map: (site, _, x) => (site === 'final' ? add(x, headShift) : x),
      splice: () => normal(new Random(9), [input.batch, 2, config.embeddingWidth]),
    };
  }

  async function lossAndGradients(
    rows: Int32Array | null,
    lossOf: (call: LanguageModelInput, targets: Tensor) => Tensor,
  ): Promise<number[]> {
    using shift = normal(new Random(1), [config.width]).asParameter();
    using headShift = normal(new Random(2), [config.embeddingWidth]).asParameter();
    const wanted = tensor(rows ? rows.map((row) => targets[row]!) : targets);
    const loss = scope(() => {
      const hooks = [hooksOf(shift, headShift)];
      const result = lossOf({ input, hooks, ...(rows ? { logitRows: tensor(rows) } : {}) }, wanted);
      backward(result);
      return result;
    });
    return [await loss.item(), ...(await shift.grad!.data()), ...(await headShift.grad!.data())];
  }

  it.each([null, Int32Array.of(6, 1, 4)])(
    'is crossEntropy of the logits, with hooks at the head (rows %j)',
    async (rows) => {
      const expected = await lossAndGradients(rows, (call, wanted) =>
        crossEntropy(reshape(model.forward(call).logits, [-1, config.vocabularySize]), wanted),
      );
      const actual = await lossAndGradients(rows, (call, wanted) => model.loss(call, wanted));
      // Sums in another order.
      for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 5);
    },
  );

  it('counts only the rows that are asked for', async () => {
    const all = noGrad(() => model.loss({ input }, tensor(targets), { reduction: 'none' }));
    const rows = tensor(Int32Array.of(6));
    const one = noGrad(() =>
      model.loss({ input, logitRows: rows }, tensor(Int32Array.of(30)), { reduction: 'none' }),
    );
    expect(await one.data()).toEqual(await slice(all, 0, 6, 7).data());
  });
});

describe.each(decoders)('hooks on %s', (name) => {
  const model = loadLanguageModel(folderOf(name));
  afterAll(() => model.dispose());
  const { layers, width } = model.config;
  const inBlocks: Site[] = [
    'attention.in',
    'attention.out',
    'feedForward.in',
    'feedForward.out',
    'block.out',
  ];
  const logits = (hooks: Hooks[]): Promise<Float32Array> =>
    scope(() => noGrad(() => model.forward({ input, hooks }).logits)).data();

  it('are called at every site of every layer, in this order', async () => {
    const seen: string[] = [];
    await logits([
      {
        tap: (site, layer, x) => {
          expect(x.shape.slice(0, 2)).toEqual([input.batch, input.tokens]);
          seen.push(`${layer} ${site}`);
        },
      },
    ]);
    const blocks = Array.from({ length: layers }, (_, layer) => inBlocks.map((site) => `${layer} ${site}`));
    expect(seen).toEqual(['0 embeddings', ...blocks.flat(), `${layers} final`]);
  });

  const layerOf: Partial<Record<Site, number>> = { embeddings: 0, final: layers };

  it.each<Site>(['embeddings', ...inBlocks, 'final'])('change what follows %s', async (changed) => {
    const plain = await logits([]);
    // A scale would be lost in the norm that follows.
    using shift = normal(new Random(6), [changed === 'final' ? model.config.embeddingWidth : width]);
    const map: Hooks['map'] = (site, layer, x) =>
      site === changed && layer === (layerOf[changed] ?? 1) ? add(x, shift) : x;
    expect(maximalDifference(await logits([{ map }]), plain)).toBeGreaterThan(1e-3);
  });

  it('see every linear of a block, and replace what it gives', async () => {
    const plain = await logits([]);
    const seen = new Set<LinearName>();
    const watch: Hooks['linear'] = (linearName, _, __, y) => {
      seen.add(linearName);
      return y;
    };
    expect(maximalDifference(await logits([{ linear: watch }]), plain)).toBeLessThan(1e-5);
    const gate = name.startsWith('llama') ? ['gate'] : [];
    expect([...seen]).toEqual(['query', 'key', 'value', 'output', ...gate, 'up', 'down']);
    for (const changed of seen) {
      const linear: Hooks['linear'] = (linearName, _, __, y) => (linearName === changed ? scale(y, 2) : y);
      expect(maximalDifference(await logits([{ linear }]), plain), changed).toBeGreaterThan(1e-3);
    }
  });

  it('add keys and values of their own to what attention gives', async () => {
    const plain = await logits([]);
    const keyValues: Hooks['keyValues'] = (layer, query) => (layer === 0 ? scale(query, 0.5) : null);
    expect(maximalDifference(await logits([{ keyValues }]), plain)).toBeGreaterThan(1e-3);
  });

  it('give the same bits in blocks that run again for backward', async () => {
    const prefix = normal(new Random(4), [input.batch, 2, model.config.embeddingWidth]).asParameter();
    const shift = normal(new Random(5), [width]).asParameter();
    const results = async (recompute?: 'all'): Promise<Float32Array[]> => {
      const hooks: Hooks[] = [
        { splice: () => prefix, map: (site, _, x) => (site === 'attention.out' ? add(x, shift) : x) },
      ];
      const loss = scope(() => {
        const value = model.loss({ input, hooks, ...(recompute ? { recompute } : {}) }, tensor(targets));
        backward(value);
        return value;
      });
      const gradients = [await prefix.grad!.data(), await shift.grad!.data()];
      for (const leaf of [prefix, shift]) {
        leaf.grad!.dispose();
        leaf.grad = null;
      }
      return [await loss.data(), ...gradients];
    };
    expect(await results('all')).toEqual(await results());
  });
});

it.each([
  ['opt-pre-norm', 'model.decoder.embed_tokens.weight'],
  ['gpt2', 'transformer.wte.weight'],
  ['llama-3', 'model.embed_tokens.weight'],
])('%s reads an unfrozen token table at the head, too', async (checkpoint, name) => {
  const model = loadLanguageModel(folderOf(checkpoint));
  const logits = async (): Promise<Float32Array> => scope(() => model.forward({ input }).logits).data();
  const frozen = await logits();
  const table = model.unfreeze([name]).get(name)!;
  expect(maximalDifference(await logits(), frozen)).toBeLessThan(1e-5);

  const loss = scope(() => {
    const result = model.loss({ input }, tensor(targets));
    backward(result);
    return result;
  });
  // A word that no text has: only the head gives it a gradient.
  const width = model.config.embeddingWidth;
  const unread = (await table.grad!.data()).slice(100 * width, 101 * width);
  expect(unread.every((value) => value !== 0)).toBe(true);
  const optimizer = new AdamW([{ parameters: [table], learningRate: 0.01 }]);
  optimizer.step();
  const after = scope(() => model.loss({ input }, tensor(targets)));
  expect(await after.item()).toBeLessThan(await loss.item());
  expect(await after.item()).toBeCloseTo(
    await scope(() => crossEntropy(flatLogits(model), tensor(targets))).item(),
    5,
  );
  model.dispose();
});

function flatLogits(model: ReturnType<typeof loadLanguageModel>): Tensor {
  const { logits } = model.forward({ input });
  return reshape(logits, [-1, model.config.vocabularySize]);
}

function maximalDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}
