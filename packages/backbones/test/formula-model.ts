import { type Tensor, tensor } from '@ocelli/ops';
import { KeyValueCache } from '../src/model/key-value-cache.js';
import type {
  LanguageModel,
  LanguageModelConfig,
  LanguageModelInput,
  LanguageModelOutput,
  TokenBatch,
} from '../src/model/language-model.js';

const prime = 2147483647;

/** Remembers the attended tokens of each sequence, where a real cache has keys and values. */
class HistoryCache extends KeyValueCache {
  histories: number[][] = [];
  isDisposed = false;

  override select(_rows: Tensor, hostRows: Int32Array): void {
    this.histories = Array.from(hostRows, (row) => [...this.histories[row]!]);
  }

  override dispose(): void {
    this.isDisposed = true;
  }
}

/**
 * A language model that is only a formula of the last two tokens and their number, so that searches can be tested without
 * a checkpoint. `tools/golden/formula_generation.py` has the same one.
 */
export class FormulaModel implements LanguageModel {
  readonly fingerprint = 'formula';
  readonly parameterCount = 0;
  readonly config: LanguageModelConfig = {
    layers: 1,
    width: 1,
    embeddingWidth: 1,
    heads: 1,
    vocabularySize: 17,
    maxPositions: 40,
    beginId: 2,
    endId: 2,
    padId: 1,
  };
  /** Every call, and the caches made, for assertions. */
  readonly calls: (LanguageModelInput & { input: TokenBatch })[] = [];
  readonly caches: HistoryCache[] = [];

  constructor(
    readonly seed: number,
    readonly endBias: number,
  ) {}

  forward(call: LanguageModelInput): LanguageModelOutput {
    const { input } = call;
    if ('lengths' in input) throw new Error('generation is expected to pad');
    this.calls.push({ ...call, input });
    const { batch, tokens, ids, mask } = input;
    const cache = call.cache as HistoryCache;
    const rows: number[][] = [];
    for (let row = 0; row < batch; row++) {
      cache.histories[row] ??= [];
      const history = cache.histories[row];
      for (let i = row * tokens; i < (row + 1) * tokens; i++) if (mask[i]) history.push(ids[i]!);
      rows.push(this.logits(history));
    }
    const logits = tensor(rows.flat(), [batch, this.config.vocabularySize]);
    return { logits, lastHiddenState: logits, hiddenStates: [] };
  }

  /** Logits of the next token. */
  logits(history: readonly number[]): number[] {
    const last = history.at(-1)!;
    const previous = history.at(-2) ?? 0;
    const base = last * 7919 + previous * 104729 + history.length * 1299709 + this.seed * 32452843;
    return Array.from({ length: this.config.vocabularySize }, (_, token) => {
      let mixed = (base + token * 15485863) % prime;
      for (let round = 0; round < 3; round++) mixed = (mixed * 48271 + 12345) % prime;
      return (mixed / prime) * 4 + (token === 2 || token === 3 ? this.endBias : 0);
    });
  }

  createCache(): KeyValueCache {
    const cache = new HistoryCache();
    this.caches.push(cache);
    return cache;
  }

  embed(): Tensor {
    throw new Error('the formula model has no embeddings');
  }

  loss(): Tensor {
    throw new Error('the formula model has no loss');
  }

  unfreeze(): ReadonlyMap<string, Tensor> {
    throw new Error('the formula model has no tensors');
  }

  dispose(): void {}
}
