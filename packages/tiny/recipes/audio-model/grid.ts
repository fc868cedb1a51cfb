import type { AudioModelOptions } from './options.js';

/** How the patches of a spectrogram lie: rows of bins, the lowest first, and columns of frames. */
export interface PatchGrid {
  readonly rows: number;
  readonly columns: number;
}

/** Class token and distillation token, which AST puts before the patches. */
export const specialTokens = 2;

export function gridOf({ bins, frames, patchSize, timeStride }: AudioModelOptions): PatchGrid {
  return {
    rows: Math.floor(bins / patchSize),
    columns: Math.floor((frames - patchSize) / timeStride) + 1,
  };
}

/**
 * Fixed sine-cosine positions (Vaswani et al. 2017) for the special tokens, which have zeros, and a grid: a quarter of the
 * width tells the row, the rest the column.
 *
 * @returns `[specialTokens + rows * columns, width]`, flat.
 */
export function sineCosinePositions({ rows, columns }: PatchGrid, width: number): Float32Array {
  const values = new Float32Array((specialTokens + rows * columns) * width);
  const waves = (offset: number, coordinate: number, count: number): void => {
    for (let i = 0; i < count; i++) {
      const angle = coordinate / 100 ** (i / count);
      values[offset + i] = Math.sin(angle);
      values[offset + count + i] = Math.cos(angle);
    }
  };
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const offset = (specialTokens + row * columns + column) * width;
      waves(offset, row, width / 8);
      waves(offset + width / 4, column, (3 * width) / 8);
    }
  }
  return values;
}

/**
 * Rows of the special tokens and of some columns of patches, of every recording: numbers of the rows of
 * `[batch * tokens]`.
 *
 * @param first `[batch]`: the first column that is heard
 * @returns `[batch * (specialTokens + rows * count)]`
 */
export function rowsOfColumns(first: Int32Array, count: number, { rows, columns }: PatchGrid): Int32Array {
  const tokens = specialTokens + rows * columns;
  const heard: number[] = [];
  for (const [recording, column] of first.entries()) {
    const start = recording * tokens;
    for (let token = 0; token < specialTokens; token++) heard.push(start + token);
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < count; i++) heard.push(start + specialTokens + row * columns + column + i);
    }
  }
  return Int32Array.from(heard);
}

/** Labels of the patches among `rows`. @param patches `[batch * (tokens - specialTokens)]` */
export function labelsOfRows(rows: Int32Array, patches: Int32Array, tokens: number): Int32Array {
  return rows
    .filter((row) => row % tokens >= specialTokens)
    .map((row) => patches[row - specialTokens * (Math.floor(row / tokens) + 1)]!);
}
