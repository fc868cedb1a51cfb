// Packed samples must be what they are alone, to the bit: hidden states, logits and the gradient of the embeddings.
import { fileURLToPath } from 'node:url';
import {
  backward,
  crossEntropy,
  normal,
  Random,
  reshape,
  scope,
  slice,
  type Tensor,
  tensor,
} from '@ocelli/ops';
import { afterAll, describe, expect, it } from 'vitest';
import { loadLanguageModel } from '../load.js';
import type { PackedTokens, TokenBatch } from './language-model.js';
import { packTokens } from './pack-tokens.js';

const texts = [[2, 59, 58, 116], [2], [2, 46, 86, 112, 65, 14, 78, 30, 31, 9, 12, 50, 61, 70, 5, 6, 7]];
const count = texts.flat().length;

describe.each(['opt-pre-norm', 'opt-post-norm', 'gpt2', 'llama-3', 'llama-wide-heads'])(
  'packed samples of %s',
  (name) => {
    const model = loadLanguageModel(fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url)));
    afterAll(() => model.dispose());
    const { embeddingWidth, vocabularySize, layers } = model.config;
    const spliced = normal(new Random(5), [texts.length, 2, embeddingWidth]);

    /** Everything of a forward and backward pass, as rows of one text position each. */
    async function run(input: TokenBatch | PackedTokens, prefix: Tensor): Promise<Float32Array[]> {
      const positions = input.ids.length;
      const embeddings = scope(() =>
        model.embed(tensor(input.ids, 'lengths' in input ? [1, positions] : [input.batch, input.tokens])),
      ).asParameter();
      const values = scope(() => {
        const hooks = [{ splice: () => prefix }];
        const output = model.forward({ input, inputEmbeddings: embeddings, hooks, outputHiddenStates: true });
        const logits = reshape(output.logits, [positions, vocabularySize]);
        backward(crossEntropy(logits, tensor(Int32Array.from(input.ids)), { reduction: 'sum' }));
        return [...output.hiddenStates, output.lastHiddenState, output.logits].map((x) => x.data());
      });
      const all = [...(await Promise.all(values)), await embeddings.grad!.data()];
      embeddings.dispose();
      return all;
    }

    it('equal themselves alone', async () => {
      const packed = await run(packTokens(texts), spliced);
      expect(packed.length).toBe(layers + 4);
      const alone: Float32Array[][] = [];
      for (const [sample, ids] of texts.entries()) {
        const mask = new Uint8Array(ids.length).fill(1);
        const input = { batch: 1, tokens: ids.length, ids: Int32Array.from(ids), mask };
        alone.push(await run(input, slice(spliced, 0, sample, sample + 1)));
      }
      for (const [i, values] of packed.entries()) {
        expect(values).toEqual(Float32Array.from(alone.flatMap((results) => [...results[i]!])));
      }
    });

    it('are refused with a cache, and where lengths and ids disagree', () => {
      const input = packTokens(texts);
      expect(() => model.forward({ input, cache: model.createCache() })).toThrow(
        '[forward] a key-value cache takes a padded batch, got a packed one; pad it',
      );
      expect(() => model.forward({ input: { ...input, lengths: [1, 2] } })).toThrow(
        `[forward] samples of 3 tokens in all were packed into ${count} ids`,
      );
      const long = Array.from({ length: model.config.maxPositions + 1 }, () => 9);
      expect(() => model.forward({ input: packTokens([[2, 9], long]) })).toThrow('does not fit into');
    });
  },
);
