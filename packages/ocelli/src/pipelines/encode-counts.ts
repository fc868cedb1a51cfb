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

/** `cache hits 87 %`, rounded down so that 100 means that nothing was computed; for the end of a progress line. */
export function describeHits({ hits, computed }: EncodeCounts): string {
  const share = hits + computed === 0 ? 0 : hits / (hits + computed);
  return `cache hits ${Math.floor(100 * share)} %`;
}
