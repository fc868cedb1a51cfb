import { gatherRows, keep, type Tensor } from '@ocelli/ops';
import { KeyValueCache } from './key-value-cache.js';

/** What cross-attention of one layer reads. */
export interface MemoryKeysAndValues {
  /** `[batch, rows, heads * headSize]`. */
  readonly key: Tensor;
  readonly value: Tensor;
  /** uint8 `[batch, rows]`. */
  readonly mask: Tensor | null;
}

/**
 * What the decoder of an encoder-decoder model remembers: keys and values of its own tokens, and those of the encoder's
 * memory, which are made once.
 */
export class EncoderDecoderCache {
  /** Of the decoder's own tokens. */
  readonly self = new KeyValueCache();
  /** Columns of decoder text so far, padding among them; counted by the model. */
  textTokens = 0;
  readonly #memory: MemoryKeysAndValues[] = [];
  /** Which sample of the encoded batch each row reads. */
  #samples: Int32Array = new Int32Array();

  /** A memory has been read. */
  get hasMemory(): boolean {
    return this.#memory.length > 0;
  }

  /** Keys and values of a layer, made at its first call. */
  memory(layer: number, make: () => MemoryKeysAndValues): MemoryKeysAndValues {
    const known = this.#memory[layer];
    if (known) return known;
    const { key, value, mask } = make();
    if (!this.hasMemory) this.#samples = Int32Array.from({ length: key.shape[0]! }, (_, row) => row);
    const kept = {
      key: keep(key.detach()),
      value: keep(value.detach()),
      mask: mask && keep(mask.detach()),
    };
    this.#memory[layer] = kept;
    return kept;
  }

  /** Keeps sequences `rows` in this order (a row may repeat): how beams are re-ordered. int32 `[newBatch]`. */
  select(rows: Tensor, hostRows: Int32Array): void {
    this.self.select(rows, hostRows);
    const before = this.#samples;
    this.#samples = hostRows.map((row) => before[row]!);
    // Beams that change places read the same memory.
    if (before.length === hostRows.length && this.#samples.every((sample, row) => sample === before[row]))
      return;
    for (const [layer, memory] of this.#memory.entries()) {
      this.#memory[layer] = {
        key: keep(gatherRows(memory.key, rows)),
        value: keep(gatherRows(memory.value, rows)),
        mask: memory.mask && keep(gatherRows(memory.mask, rows)),
      };
      disposeMemory(memory);
    }
  }

  dispose(): void {
    this.self.dispose();
    for (const memory of this.#memory) disposeMemory(memory);
    this.#memory.length = 0;
  }
}

function disposeMemory({ key, value, mask }: MemoryKeysAndValues): void {
  key.dispose();
  value.dispose();
  mask?.dispose();
}
