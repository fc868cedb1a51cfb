import { record } from '../autograd/node.js';
import { checkRank, checkType } from '../core/checks.js';
import { OcelliError } from '../core/errors.js';
import { run } from '../core/run.js';
import { formatShape } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';

/** Down and across; one number means both. */
export type Extent = number | readonly [down: number, across: number];

export interface PatchifyOptions {
  /** From one tile to the next. Default: the tiles' size, so that they neither overlap nor leave anything out between. */
  readonly stride?: Extent;
  /** Zeros around the picture. Default 0. */
  readonly padding?: Extent;
}

/**
 * Cuts pictures into tiles, row by row: torch.nn.functional.unfold, transposed. With a linear, whose weight is a
 * convolution's flattened `[outputs, channels * height * width]`, it is that convolution. What does not fill a tile at the
 * right and at the bottom is left out.
 *
 * @param x `[batch, channels, height, width]` float32.
 * @param size of a tile.
 * @returns `[batch, tiles, channels * sizeDown * sizeAcross]`, each tile in the order (channel, y, x).
 */
export function patchify(x: Tensor, size: Extent, options: PatchifyOptions = {}): Tensor {
  checkType('patchify', 'x', x);
  checkRank('patchify', 'x', x, 4, 4);
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const tile = extents('size', size, 1);
  const stride = extents('stride', options.stride ?? size, 1);
  const padding = extents('padding', options.padding ?? 0, 0);
  const [down, across] = [height, width].map(
    (extent, axis) => Math.floor((extent + 2 * padding[axis]! - tile[axis]!) / stride[axis]!) + 1,
  ) as [number, number];
  if (down < 1 || across < 1) {
    throw new OcelliError(
      'patchify',
      `pictures ${formatShape(x.shape)} do not hold a tile of ${tile.join(' x ')}`,
    );
  }
  const scalars = [...x.shape, ...tile, ...stride, ...padding];
  const y = empty([batch, down * across, channels * tile[0] * tile[1]]);
  run('patchify', [x, y], scalars);
  const backward = (gradient: Tensor): Tensor[] => {
    const dx = empty(x.shape);
    run('patchify_backward', [gradient, dx], scalars);
    return [dx];
  };
  return record('patchify', [x], y, backward, [], []);
}

function extents(name: string, value: Extent, least: number): readonly [number, number] {
  const pair = typeof value === 'number' ? ([value, value] as const) : value;
  if (pair.every((extent) => Number.isInteger(extent) && extent >= least)) return pair;
  throw new OcelliError(
    'patchify',
    `${name} must be whole numbers of at least ${least}, got ${pair.join(', ')}`,
  );
}
