import { readdirSync } from 'node:fs';
import { AdamW, backward, full, readSafetensorsArrays, scope } from '@ocelli/ops';
import { describe, expect, it } from 'vitest';
import { injectionMap } from '../src/index.js';
import { type GoldenMeta, type GoldenSettings, goldenLoss, loadGolden } from './golden.js';
import { fixturePath, logitsOf, relativeDifference } from './support.js';

const cases = readdirSync(fixturePath()).filter((name) =>
  /^epalm-(clean|reference)-(?!generation)/.test(name),
);

/** PyTorch's values at attended positions; what a model computes for padding is nobody's business. */
function attended(values: ArrayLike<number>, mask: Uint8Array): Float32Array {
  const width = values.length / mask.length;
  const kept: number[] = [];
  for (let i = 0; i < values.length; i++) if (mask[Math.floor(i / width)]) kept.push(values[i]!);
  return Float32Array.from(kept);
}

describe('eP-ALM against PyTorch', () => {
  it('has fixtures', () => expect(cases.length).toBeGreaterThanOrEqual(10));

  // What padding changes, the released form, is never packed.
  const forms = cases.flatMap((name) =>
    name.startsWith('epalm-clean')
      ? ([
          [name, 'padded'],
          [name, 'packed'],
        ] as const)
      : ([[name, 'padded']] as const),
  );
  describe.each(forms)('%s, %s', (name, form) => {
    const packed = form === 'packed';
    const golden = loadGolden<GoldenMeta>(name, 'meta.json');
    const { meta, adapter, input, features, stored, languageModel } = golden;

    it('injects the same features into the same layers', () => {
      const config = adapter.config as Parameters<typeof injectionMap>[0];
      const map = injectionMap(config);
      expect(meta.featureAtLayer.map((_, layer) => map.get(layer) ?? null)).toEqual(meta.featureAtLayer);
    });

    it('reads the same [CLS] features', async () => {
      const [batch, layers, , width] = features.shape as [number, number, number, number];
      const ours = await features.data();
      for (let layer = 0; layer < layers; layer++) {
        const rows = Array.from({ length: batch }, (_, row) => {
          const begin = (row * layers + layer) * width;
          return [...ours.subarray(begin, begin + width)];
        }).flat();
        expect(relativeDifference(rows, stored.get(`cls_features.${layer}`)!.data)).toBeLessThan(1e-5);
      }
    });

    it('gives the same logits', async () => {
      const logits = await logitsOf(languageModel, adapter, features, input);
      const expected = attended(stored.get('logits')!.data, input.mask);
      expect(relativeDifference(attended(logits, input.mask), expected)).toBeLessThan(1e-4);
    });

    it('gives the same losses', async () => {
      for (const kind of ['sequenceSum', 'tokenMean'] as const) {
        const { value, weight } = scope(() => {
          const { loss, weight } = goldenLoss(golden, kind, packed);
          return { value: loss.item(), weight };
        });
        const expected = kind === 'tokenMean' ? meta.expected.lossTokenMean : meta.expected.lossSequenceSum;
        expect(Math.abs((await value) * weight - expected) / expected).toBeLessThan(1e-4);
      }
    });

    it('gives the same gradients, and the same losses over ten steps of AdamW', async () => {
      const tensors = new Map([...adapter.parameters].map(([parameter, { tensor }]) => [parameter, tensor]));
      const optimizer = new AdamW(
        [{ parameters: [...tensors.values()], learningRate: meta.lr, weightDecay: meta.weightDecay }],
        { betas: meta.betas, epsilon: meta.epsilon },
      );
      const losses: number[] = [];
      for (const step of meta.expected.losses.keys()) {
        const { value, weight } = scope(() => {
          const { loss, weight } = goldenLoss(golden, meta.lossKind, packed);
          backward(loss, full(loss.shape, weight));
          return { value: loss.item(), weight };
        });
        losses.push((await value) * weight);
        if (step === 0) {
          for (const [parameter, tensor] of tensors) {
            const expected = stored.get(`grad.${parameter}`);
            expect(tensor.grad === null, parameter).toBe(expected === undefined);
            if (!expected) continue;
            expect(relativeDifference(await tensor.grad!.data(), expected.data), parameter).toBeLessThan(
              1e-4,
            );
          }
        }
        optimizer.step();
        optimizer.zeroGradients();
      }
      const { value, weight } = scope(() => {
        const { loss, weight } = goldenLoss(golden, meta.lossKind, packed);
        return { value: loss.item(), weight };
      });
      losses.push((await value) * weight);
      const expected = [...meta.expected.losses, meta.expected.lossAfterLastStep];
      const differences = losses.map((loss, step) => Math.abs(loss - expected[step]!) / expected[step]!);
      expect(Math.max(...differences.slice(0, 2))).toBeLessThan(1e-5); // before and after one step
      // The cases are drawn so that changes of the size of rounding do not part ten steps (`is_robust` in tools/golden).
      expect(Math.max(...differences)).toBeLessThan(1e-4);
      const final = readSafetensorsArrays(fixturePath(name, 'final.safetensors'));
      expect([...tensors.keys()].sort()).toEqual([...final.keys()].sort());
      for (const [parameter, { data }] of final) {
        const ours = await tensors.get(parameter)!.data();
        expect(relativeDifference(ours, data), parameter).toBeLessThan(2e-4);
      }
      optimizer.dispose();
    });
  });
});

interface GenerationMeta extends GoldenSettings {
  maxNewTokens: number;
  cases: { promptIds: number[]; newTokenIds: number[] }[];
}

describe('eP-ALM generation against PyTorch', () => {
  const { meta, adapter, input, features, languageModel } = loadGolden<GenerationMeta>(
    'epalm-clean-generation',
    'generation.json',
  );
  const { vocabularySize } = languageModel.config;

  /** The best token of each row's last position; logits are [batch, tokens, vocabulary]. */
  function best(logits: Float32Array, batch: number): Int32Array {
    const rowSize = logits.length / batch;
    return Int32Array.from({ length: batch }, (_, row) => {
      const last = logits.subarray((row + 1) * rowSize - vocabularySize, (row + 1) * rowSize);
      return last.indexOf(Math.max(...last));
    });
  }

  it('decodes the same tokens with a cache, left-padded together', async () => {
    const cache = languageModel.createCache();
    const answers: number[][] = meta.cases.map(() => []);
    let next = input;
    for (let step = 0; step < meta.maxNewTokens; step++) {
      const call = { input: next, hooks: adapter.hooks(features), cache };
      const chosen = best(await scope(() => languageModel.forward(call).logits.data()), input.batch);
      for (const [row, token] of chosen.entries()) answers[row]!.push(token);
      next = { batch: input.batch, tokens: 1, ids: chosen, mask: new Uint8Array(input.batch).fill(1) };
    }
    cache.dispose();
    expect(answers).toEqual(meta.cases.map(({ newTokenIds }) => newTokenIds));
  });
});
