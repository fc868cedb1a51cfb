/** BLEU and CIDEr both look at n-grams of one to four tokens. */
export const MAX_ORDER = 4;

/** How many distinct tokens one index holds: prefix ids below 2^31 and token ids below 2^22 fit one double. */
const TOKEN_SPACE = 2 ** 22;

/**
 * Numbers n-grams: equal n-grams get equal ids, whatever their sentence. An n-gram is its prefix plus one
 * token, so its key is one number and no strings are joined, which keeps corpora of 200 000 captions quick.
 */
export class NgramIndex {
  readonly #tokenIds = new Map<string, number>();
  readonly #ngramIds = new Map<number, number>();

  #idOf(prefix: number, token: number): number {
    const key = prefix * TOKEN_SPACE + token;
    const known = this.#ngramIds.get(key);
    if (known !== undefined) return known;
    const id = this.#ngramIds.size + 1; // 0 is the empty prefix
    this.#ngramIds.set(key, id);
    return id;
  }

  /** How often each n-gram occurs in `tokens`: `[MAX_ORDER]` maps from n-gram id to count, order 1 first. */
  count(tokens: readonly string[]): Map<number, number>[] {
    const counts = Array.from({ length: MAX_ORDER }, () => new Map<number, number>());
    const ids = tokens.map((token) => {
      let id = this.#tokenIds.get(token);
      if (id === undefined) {
        id = this.#tokenIds.size;
        this.#tokenIds.set(token, id);
      }
      return id;
    });
    for (let start = 0; start < ids.length; start++) {
      let ngram = 0;
      for (let order = 0; order < MAX_ORDER && start + order < ids.length; order++) {
        ngram = this.#idOf(ngram, ids[start + order]!);
        const ofOrder = counts[order]!;
        ofOrder.set(ngram, (ofOrder.get(ngram) ?? 0) + 1);
      }
    }
    return counts;
  }
}
