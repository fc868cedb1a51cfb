/** What became of media that were encoded. */
export interface EncodeCounts {
  /** Whose features were there: in the cache, or computed for the same media in the same batch. */
  readonly hits: number;
  /** Whose features were computed. */
  readonly computed: number;
  /** Which could not be read. */
  readonly broken: number;
  /** Of those computed, which the cache had no room for. */
  readonly unkept: number;
}

/** Nothing encoded yet. */
export const noCounts: EncodeCounts = { hits: 0, computed: 0, broken: 0, unkept: 0 };

/** Both together. */
export function addCounts(one: EncodeCounts, other: EncodeCounts): EncodeCounts {
  return {
    hits: one.hits + other.hits,
    computed: one.computed + other.computed,
    broken: one.broken + other.broken,
    unkept: one.unkept + other.unkept,
  };
}

/** `cache hits 87 %` for the end of a progress line, rounded down: 100 means that nothing was computed. Empty for none. */
export function describeHits({ hits, computed }: EncodeCounts): string {
  const all = hits + computed;
  return all === 0 ? '' : `cache hits ${Math.floor((100 * hits) / all)} %`;
}
