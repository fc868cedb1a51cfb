// Blocks of OPT and ViT: what they keep for backward, and that running them again changes nothing.
import {
  add,
  backward,
  linear,
  normal,
  Random,
  savedBytes,
  scale,
  scope,
  sum,
  type Tensor,
} from '@ocelli/ops';
import { expect, it } from 'vitest';
import { OptModel } from '../architectures/opt.js';
import { parseOptConfig } from '../architectures/opt-config.js';
import { VitModel } from '../architectures/vit.js';
import { parseVitConfig } from '../architectures/vit-config.js';
import type { Hooks } from './hooks.js';
import type { RecomputedLayers } from './run-block.js';
import { initialWeights } from './weights.js';

const random = new Random(3);
const [batch, tokens, width, feedForward, heads, layers] = [2, 6, 16, 64, 2, 3];
const start = initialWeights(random, (_, shape, stream) => normal(stream, shape, 0.1));
const opt = new OptModel(
  parseOptConfig(
    {
      model_type: 'opt',
      ffn_dim: feedForward,
      hidden_size: width,
      max_position_embeddings: 32,
      num_attention_heads: heads,
      num_hidden_layers: layers,
      vocab_size: 40,
    },
    'test',
  ),
  start,
  'test',
);
const vit = new VitModel(
  parseVitConfig(
    {
      model_type: 'vit',
      hidden_size: width,
      intermediate_size: feedForward,
      image_size: 8,
      patch_size: 4,
      num_attention_heads: heads,
      num_hidden_layers: layers,
    },
    'test',
  ),
  start,
  'test',
);
const prompt = normal(random, [batch, 2, width]).asParameter();
const lowRank = normal(random, [width, width], 0.1).asParameter();
const rows = batch * (tokens + 2);

/** A spliced prompt, one weight that edits every layer, and a replaced input in the middle. */
const hooks: Hooks = {
  splice: () => prompt,
  linear: (name, _, x, y) => (name === 'query' ? add(y, linear(x, lowRank)) : y),
  override: (layer, sequence) =>
    layer === 1 ? { ...sequence, hiddenStates: scale(sequence.hiddenStates, 1.5) } : sequence,
};
function hidden(recompute: RecomputedLayers | undefined, used: readonly Hooks[]): Tensor {
  const input = {
    batch,
    tokens,
    ids: new Int32Array(batch * tokens).fill(7),
    mask: Uint8Array.from({ length: batch * tokens }, (_, i) => (i === tokens - 1 ? 0 : 1)),
  };
  return opt.forward({ input, hooks: used, ...(recompute ? { recompute } : {}) }).lastHiddenState;
}

async function results(run: () => Tensor, leaves: readonly Tensor[]): Promise<Float32Array[]> {
  const loss = scope(() => {
    const result = scope(() => sum(run()));
    backward(result);
    return result;
  });
  const gradients = leaves.map(async (leaf) => {
    const values = await leaf.grad!.data();
    leaf.grad!.dispose();
    leaf.grad = null;
    return values;
  });
  return [await loss.data(), ...(await Promise.all(gradients))];
}

it('keeps for a block of OPT what the formula says', () => {
  scope(() => {
    const saved = savedBytes(hidden(undefined, [{ splice: () => scale(prompt, 1) }]));
    const float = 4;
    const vector = rows * width * float; // one [batch, rows, width]
    const statistics = 2 * rows * float;
    // Two norms a block keep their input, the final norm too; it reads the text only.
    const textVector = batch * tokens * width * float;
    expect(saved.get('layerNorm')).toBe(
      layers * 2 * (vector + statistics) + textVector + 2 * batch * tokens * float,
    );
    const logSumExp = batch * heads * (tokens + 2) * float;
    const keyMask = batch * (tokens + 2); // the same one in all blocks
    expect(saved.get('attention')).toBe(layers * (4 * vector + logSumExp) + keyMask);
    // A bit an element of ReLU, in rows of whole bytes.
    expect(saved.get('linear')).toBe(layers * rows * Math.ceil(feedForward / 8));
    const others = [...saved].filter(([name]) => !['layerNorm', 'attention', 'linear'].includes(name));
    expect(others.filter(([, bytes]) => bytes > 0)).toEqual([]);
  });
});

it.each([['all' as const], [new Set([1])], [new Set([0, 2])]])(
  'OPT with recomputed blocks %s gives the same bits and keeps only their inputs',
  async (recomputed) => {
    const leaves = [prompt, lowRank];
    expect(await results(() => hidden(recomputed, [hooks]), leaves)).toEqual(
      await results(() => hidden(undefined, [hooks]), leaves),
    );
    scope(() => {
      const saved = savedBytes(hidden(recomputed, [hooks]));
      const count = recomputed === 'all' ? layers : recomputed.size;
      // The key mask is kept by whichever block comes last.
      const keyMask = batch * (tokens + 2);
      const bytes = saved.get('recompute')!;
      expect([0, keyMask]).toContain(bytes - count * rows * width * 4);
      expect(saved.get('attention') ?? 0).toBe(
        (layers - count) * (4 * rows * width * 4 + batch * heads * (tokens + 2) * 4) +
          (bytes === count * rows * width * 4 ? keyMask : 0),
      );
    });
  },
);

it('ViT with recomputed blocks gives the same bits', async () => {
  const pixels = normal(random, [batch, 3, 8, 8]).asParameter();
  const run = (recompute?: RecomputedLayers) => () =>
    vit.forward(pixels, recompute ? { recompute } : {}).lastHiddenState;
  expect(await results(run('all'), [pixels])).toEqual(await results(run(), [pixels]));
});

it('refuses to recompute what a tap reads', () => {
  scope(() => {
    expect(() => hidden('all', [{ ...hooks, tap: () => {} }])).toThrow(
      '[recompute] a hook taps hidden states, which a recomputed block 0 computes twice',
    );
  });
});
