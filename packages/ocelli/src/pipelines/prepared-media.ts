/** What an encoder is given of one picture, video or recording: `[rows, ...inputShape]`, whose features are averaged. */
export interface PreparedMedia {
  readonly data: Float32Array;
  readonly rows: number;
}

/** Runs of media with at most so many rows together; media with more rows stand alone. */
export function partsOf<Item extends PreparedMedia>(media: readonly (Item | null)[], most: number): Item[][] {
  const parts: Item[][] = [];
  let rows = 0;
  for (const item of media) {
    if (!item) continue;
    if (parts.length === 0 || rows + item.rows > most) {
      parts.push([]);
      rows = 0;
    }
    parts.at(-1)!.push(item);
    rows += item.rows;
  }
  return parts;
}

/** The rows of all after each other. */
export function joined(media: readonly PreparedMedia[]): PreparedMedia {
  const data = new Float32Array(media.reduce((sum, each) => sum + each.data.length, 0));
  let [begin, rows] = [0, 0];
  for (const each of media) {
    data.set(each.data, begin);
    begin += each.data.length;
    rows += each.rows;
  }
  return { data, rows };
}

/** The mean over the rows of each: `[rows of all, values]` → `[values]` for each. */
export function meansOf(values: Float32Array, media: readonly PreparedMedia[]): Float32Array[] {
  const size = values.length / media.reduce((sum, { rows }) => sum + rows, 0);
  let begin = 0;
  return media.map(({ rows }) => {
    const first = begin;
    begin += rows * size;
    if (rows === 1) return values.slice(first, begin);
    return Float32Array.from({ length: size }, (_, place) => {
      let sum = 0;
      for (let at = first + place; at < begin; at += size) sum += values[at]!;
      return sum / rows;
    });
  });
}
