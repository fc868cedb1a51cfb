/**
 * Rows of the class token and of one quarter's patches, of every picture: numbers of the rows of `[batch * tokens]`.
 *
 * @param quarters `[batch]`, row by row from the top left
 * @param grid patches in a row of the whole picture, an even number
 * @returns `[batch * (1 + (grid / 2)²)]`
 */
export function quarterRows(quarters: Int32Array, grid: number): Int32Array {
  if (grid % 2 !== 0)
    throw new Error(
      `[vision-model] ${grid} patches in a row have no half; choose a patch size that gives an even number`,
    );
  const half = grid / 2;
  const tokens = 1 + grid * grid;
  const rows: number[] = [];
  for (const [picture, quarter] of quarters.entries()) {
    const first = picture * tokens;
    rows.push(first);
    const corner = first + 1 + (quarter >> 1) * half * grid + (quarter & 1) * half;
    for (let y = 0; y < half; y++) for (let x = 0; x < half; x++) rows.push(corner + y * grid + x);
  }
  return Int32Array.from(rows);
}

/** Labels of the patches among `rows`. @param patches `[batch * (tokens - 1)]` */
export function labelsOfRows(rows: Int32Array, patches: Int32Array, tokens: number): Int32Array {
  return rows.filter((row) => row % tokens > 0).map((row) => patches[row - 1 - Math.floor(row / tokens)]!);
}
