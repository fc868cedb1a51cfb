/** Where one record lies. */
export interface FeatureEntry {
  readonly shard: string;
  /** Where the values start. */
  readonly position: number;
  readonly shape: readonly number[];
  readonly byteLength: number;
  readonly checksum: number;
}

/** Cuts entries into runs that one read of at most a megabyte (or one record) fetches, hardly more than they need. */
export function runsOf<T extends { readonly entry: FeatureEntry }>(wanted: readonly T[]): T[][] {
  const sorted = wanted.toSorted(
    ({ entry: a }, { entry: b }) =>
      (a.shard < b.shard ? -1 : a.shard > b.shard ? 1 : 0) || a.position - b.position,
  );
  const runs: T[][] = [];
  let [shard, start, end] = ['', 0, 0];
  for (const one of sorted) {
    const { position, byteLength } = one.entry;
    if (one.entry.shard !== shard || position - end > 4096 || position + byteLength - start > 2 ** 20) {
      runs.push([]);
      [shard, start] = [one.entry.shard, position];
    }
    end = position + byteLength;
    runs.at(-1)!.push(one);
  }
  return runs;
}
