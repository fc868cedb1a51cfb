import { fileURLToPath } from 'node:url';
import {
  type Encoder,
  Gpt2Model,
  initialWeights,
  type LanguageModel,
  LlamaModel,
  loadEncoder,
  loadLanguageModel,
  type PackedTokens,
  parseGpt2Config,
  parseLlamaConfig,
  type TokenBatch,
} from '@ocelli/backbones';
import { add, noGrad, normal, Random, type Shape, scope, type Tensor } from '@ocelli/ops';
import type { Adapter } from '../src/index.js';

/** Path of a fixture of `tools/golden`. */
export function fixturePath(...parts: string[]): string {
  return fileURLToPath(new URL(`fixtures/${parts.join('/')}`, import.meta.url));
}

export interface Backbones {
  readonly languageModel: LanguageModel;
  readonly encoder: Encoder;
}

const loaded = new Map<string, LanguageModel | Encoder>();

/** The tiny random backbones of the fixtures; loaded once per test file. */
export function backbones(languageModel: 'opt' | 'opt-projected' = 'opt'): Backbones {
  const get = <Model extends LanguageModel | Encoder>(name: string, load: (path: string) => Model): Model => {
    const model = (loaded.get(name) as Model | undefined) ?? load(fixturePath('backbones', name));
    loaded.set(name, model);
    return model;
  };
  return { languageModel: get(languageModel, loadLanguageModel), encoder: get('vit', loadEncoder) };
}

/** Language models like the fixture's OPT in width and depth, with random weights: other positions, norms and heads. */
export function randomLanguageModel(kind: 'gpt2' | 'llama'): LanguageModel {
  const [width, layers, heads, vocabulary, positions] = [32, 6, 4, 131, 64];
  const ids = { bos_token_id: 2, eos_token_id: 2, pad_token_id: 1, vocab_size: vocabulary };
  // Linears keep the size of what goes through; norms are about 1, biases and embeddings small.
  const start = (name: string, shape: Shape, random: Random): Tensor => {
    if (/wte|wpe|embed_tokens/.test(name)) return normal(random, shape, 0.4);
    if (/(norm|ln_.)\.weight$/.test(name)) return add(normal(random, shape, 0.1), 1);
    return normal(random, shape, shape.length === 1 ? 0.1 : 1.6 / Math.sqrt(width));
  };
  const source = initialWeights(new Random(11), start);
  if (kind === 'gpt2') {
    const sizes = { n_embd: width, n_head: heads, n_layer: layers, n_positions: positions, n_inner: 56 };
    return new Gpt2Model(parseGpt2Config({ model_type: 'gpt2', ...ids, ...sizes }, 'test'), source, 'gpt2');
  }
  const sizes = {
    hidden_size: width,
    intermediate_size: 56,
    max_position_embeddings: positions,
    num_attention_heads: heads,
    num_hidden_layers: layers,
    num_key_value_heads: 2,
  };
  return new LlamaModel(parseLlamaConfig({ model_type: 'llama', ...ids, ...sizes }, 'test'), source, 'llama');
}

/** Sentences as a batch, padded to the right (or left) to `tokens` columns. */
export function tokenBatch(
  sentences: readonly (readonly number[])[],
  options: { tokens?: number; side?: 'left' | 'right' } = {},
): TokenBatch {
  const tokens = options.tokens ?? Math.max(...sentences.map((sentence) => sentence.length));
  const ids = new Int32Array(sentences.length * tokens).fill(1);
  const mask = new Uint8Array(sentences.length * tokens);
  for (const [row, sentence] of sentences.entries()) {
    const begin = row * tokens + (options.side === 'left' ? tokens - sentence.length : 0);
    ids.set(sentence, begin);
    mask.fill(1, begin, begin + sentence.length);
  }
  return { batch: sentences.length, tokens, ids, mask };
}

/** A sentence of the tiny vocabulary: `</s>`, then random words. */
export function sentence(random: Random, length: number): number[] {
  return [2, ...Array.from({ length: length - 1 }, () => 4 + random.integer(127))];
}

/** Random features as an adapter asks for them: `[batch, layers, tokens, width]`. */
export function randomFeatures(adapter: Adapter, encoder: Encoder, batch: number, seed: number): Tensor {
  const { layers, tokens } = adapter.features;
  return normal(new Random(seed), [
    batch,
    layers,
    tokens === 'class' ? 1 : encoder.config.tokens,
    encoder.config.width,
  ]);
}

/** Logits of all text positions of a forward pass without gradients. */
export async function logitsOf(
  languageModel: LanguageModel,
  adapter: Adapter,
  features: Tensor,
  input: TokenBatch | PackedTokens,
): Promise<Float32Array> {
  return scope(() =>
    noGrad(() => languageModel.forward({ input, hooks: adapter.hooks(features) }).logits.data()),
  );
}

/** The largest difference, as a part of the largest expected value. */
export function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < actual.length; i++) {
    difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!));
    scale = Math.max(scale, Math.abs(expected[i]!));
    if (Number.isNaN(actual[i]!)) return Number.NaN;
  }
  return difference / scale;
}
