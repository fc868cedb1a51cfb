/** How relative distances share a stack's bias table. */
export interface RelativeBuckets {
  readonly buckets: number;
  /** Distances from here on share the last bucket. */
  readonly maxDistance: number;
  /** Keys after the query have buckets of their own; false in a decoder, which never sees them. */
  readonly bidirectional: boolean;
}

/**
 * The row of T5's table of relative positions for a key `distance` tokens after its query (Raffel et al. 2020, arXiv
 * 1910.10683, §2.1): one each for near ones, logarithmically wider ranges up to `maxDistance`. In the single precision of
 * the original, since ranges end on whole numbers.
 */
export function relativeBucket(
  distance: number,
  { buckets, maxDistance, bidirectional }: RelativeBuckets,
): number {
  const count = bidirectional ? Math.floor(buckets / 2) : buckets;
  const begin = bidirectional && distance > 0 ? count : 0;
  const steps = bidirectional ? Math.abs(distance) : Math.max(0, -distance);
  const exact = Math.floor(count / 2);
  if (steps < exact) return begin + steps;
  const { fround } = Math;
  const ratio = fround(fround(Math.log(fround(steps / exact))) / fround(Math.log(maxDistance / exact)));
  return begin + Math.min(count - 1, exact + Math.floor(fround(ratio * (count - exact))));
}
