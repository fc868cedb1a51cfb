/**
 * Fixed sine-cosine positions (Vaswani et al. 2017) for a class token and a grid: half of the width tells the row, half
 * the column; the class token has zeros.
 *
 * @returns `[1 + grid * grid, width]`, flat.
 */
export function sineCosinePositions(grid: number, width: number): Float32Array {
  const values = new Float32Array((1 + grid * grid) * width);
  const quarter = width / 4;
  for (let row = 0; row < grid; row++) {
    for (let column = 0; column < grid; column++) {
      const offset = (1 + row * grid + column) * width;
      for (const [half, coordinate] of [row, column].entries()) {
        for (let i = 0; i < quarter; i++) {
          const angle = coordinate / 100 ** (i / quarter);
          values[offset + half * 2 * quarter + i] = Math.sin(angle);
          values[offset + half * 2 * quarter + quarter + i] = Math.cos(angle);
        }
      }
    }
  }
  return values;
}
