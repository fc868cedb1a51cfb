/** BLEU and CIDEr both look at n-grams of one to four tokens. */
export const MAX_ORDER = 4;

/** The n-grams of one sentence by id: all of one token, then all of two, up to `MAX_ORDER`. */
export interface EncodedSentence {
  /** Number of tokens. */
  readonly length: number;
  readonly ids: Int32Array;
}

/** Where the n-grams of `order` (0 is one token) begin among the ids of a sentence of `length` tokens. */
export function orderStart(length: number, order: number): number {
  let start = 0;
  for (let lower = 0; lower < order; lower++) start += Math.max(0, length - lower);
  return start;
}

/**
 * Numbers n-grams from 1: equal n-grams get equal ids, whatever their sentence. An n-gram is its prefix plus
 * one token, so a hash table of integer pairs does; joined strings as keys of a Map are several times slower.
 */
export class NgramIndex {
  readonly #tokenIds = new Map<string, number>();
  #slots = 2 ** 12;
  #prefixes = new Int32Array(this.#slots);
  #tokens = new Int32Array(this.#slots);
  #ids = new Int32Array(this.#slots);
  #size = 0;

  /** The largest id so far. */
  get size(): number {
    return this.#size;
  }

  #slotOf(prefix: number, token: number): number {
    let hash = Math.imul(prefix, 0x9e3779b1) ^ Math.imul(token + 1, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    let slot = (hash ^ (hash >>> 13)) & (this.#slots - 1);
    while (this.#ids[slot] !== 0 && (this.#prefixes[slot] !== prefix || this.#tokens[slot] !== token)) {
      slot = (slot + 1) & (this.#slots - 1);
    }
    return slot;
  }

  #grow(): void {
    const [prefixes, tokens, ids] = [this.#prefixes, this.#tokens, this.#ids];
    this.#slots *= 2;
    this.#prefixes = new Int32Array(this.#slots);
    this.#tokens = new Int32Array(this.#slots);
    this.#ids = new Int32Array(this.#slots);
    for (let i = 0; i < ids.length; i++) if (ids[i] !== 0) this.#put(prefixes[i]!, tokens[i]!, ids[i]!);
  }

  #put(prefix: number, token: number, id: number): void {
    const slot = this.#slotOf(prefix, token);
    this.#prefixes[slot] = prefix;
    this.#tokens[slot] = token;
    this.#ids[slot] = id;
  }

  #idOf(prefix: number, token: number): number {
    const known = this.#ids[this.#slotOf(prefix, token)]!;
    if (known !== 0) return known;
    if (this.#size * 2 >= this.#slots) this.#grow();
    this.#size++;
    this.#put(prefix, token, this.#size);
    return this.#size;
  }

  /** The ids of all n-grams of `tokens`. */
  encode(tokens: readonly string[]): EncodedSentence {
    const { length } = tokens;
    const tokenIds = new Int32Array(length);
    for (let i = 0; i < length; i++) {
      let token = this.#tokenIds.get(tokens[i]!);
      if (token === undefined) {
        token = this.#tokenIds.size;
        this.#tokenIds.set(tokens[i]!, token);
      }
      tokenIds[i] = token;
    }
    const ids = new Int32Array(orderStart(length, MAX_ORDER));
    for (let i = 0; i < length; i++) {
      let ngram = 0; // the empty prefix
      let start = 0;
      for (let order = 0; order < MAX_ORDER && i + order < length; order++) {
        ngram = this.#idOf(ngram, tokenIds[i + order]!);
        ids[start + i] = ngram;
        start += length - order;
      }
    }
    return { length, ids };
  }
}
