import { concat, matmul, reshape, slice, type Tensor, tensor } from '@ocelli/ops';

/** Rows and columns of patches. */
export type Grid = readonly [rows: number, columns: number];

/**
 * Learned positions for another number of patches, as torch.nn.functional.interpolate (bicubic, align_corners=False)
 * makes them: a product with a matrix, so that gradients pass. Unchanged if the grids are the same.
 *
 * @param positions `[1, first + rows * columns, width]`; the first rows are of special tokens, and are kept.
 * @param from the grid that the positions are of.
 * @param to the wanted grid.
 * @param options.antialias torch's switch: the kernel is stretched when the grid shrinks (and is another one: a = -0.5).
 * @returns `[1, first + toRows * toColumns, width]`.
 */
export function interpolatePositions(
  positions: Tensor,
  from: Grid,
  to: Grid,
  { antialias }: { readonly antialias: boolean },
): Tensor {
  if (from[0] === to[0] && from[1] === to[1]) return positions;
  const [, tokens, width] = positions.shape as [number, number, number];
  const patches = from[0] * from[1];
  const first = tokens - patches;
  const [rows, columns] = [0, 1].map((axis) => cubicWeights(from[axis]!, to[axis]!, antialias)) as [
    Float64Array[],
    Float64Array[],
  ];
  // Row by row, column by column: the Kronecker product of both axes' weights.
  const weights = new Float32Array(to[0] * to[1] * patches);
  let place = 0;
  for (const row of rows) {
    for (const column of columns) {
      for (const down of row) for (const across of column) weights[place++] = down * across;
    }
  }
  const matrix = tensor(weights, [to[0] * to[1], patches]);
  const grid = matmul(matrix, reshape(slice(positions, 1, first, tokens), [patches, width]));
  return concat([slice(positions, 1, 0, first), reshape(grid, [1, to[0] * to[1], width])], 1);
}

/** Keys' cubic convolution (1981). */
function cubic(x: number, a: number): number {
  const distance = Math.abs(x);
  if (distance < 1) return ((a + 2) * distance - (a + 3)) * distance * distance + 1;
  if (distance < 2) return (((distance - 5) * distance + 8) * distance - 4) * a;
  return 0;
}

/** What each output is made of: `outputs` rows of `inputs` weights. */
function cubicWeights(inputs: number, outputs: number, antialias: boolean): Float64Array[] {
  const scale = inputs / outputs;
  return Array.from({ length: outputs }, (_, output) => {
    const row = new Float64Array(inputs);
    const center = (output + 0.5) * scale;
    if (!antialias) {
      const before = Math.floor(center - 0.5);
      for (let input = before - 1; input <= before + 2; input++) {
        row[Math.max(0, Math.min(inputs - 1, input))]! += cubic(center - 0.5 - input, -0.75);
      }
      return row;
    }
    const stretch = Math.max(1, scale);
    const begin = Math.max(0, Math.trunc(center - 2 * stretch + 0.5));
    const end = Math.min(inputs, Math.trunc(center + 2 * stretch + 0.5));
    let sum = 0;
    for (let input = begin; input < end; input++) {
      row[input] = cubic((input + 0.5 - center) / stretch, -0.5);
      sum += row[input]!;
    }
    return row.map((weight) => weight / sum);
  });
}
