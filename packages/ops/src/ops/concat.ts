import { type Backward, record } from '../autograd/node.js';
import { bytesPerElement } from '../core/dtype.js';
import { OcelliError } from '../core/errors.js';
import { run } from '../core/run.js';
import { formatShape, normalizeAxis, sizeOf } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';

/** Copies `length` elements out of each of `count` blocks: `strides` are the blocks' lengths on both sides. */
function copyBlocks(
  source: Tensor,
  target: Tensor,
  count: number,
  length: number,
  strides: { source: number; sourceOffset: number; target: number; targetOffset: number },
): void {
  run(
    'copy_blocks',
    [source, target],
    [
      count,
      length,
      strides.source,
      strides.sourceOffset,
      strides.target,
      strides.targetOffset,
      bytesPerElement[source.dtype],
    ],
  );
}

/** Joins tensors along an axis; all other extents and the type must agree. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const [first] = tensors;
  if (!first) throw new OcelliError('concat', 'needs at least one tensor, got none');
  const at = normalizeAxis('concat', axis, first.rank);
  for (const tensor of tensors) {
    const fits =
      tensor.rank === first.rank && tensor.shape.every((extent, i) => i === at || extent === first.shape[i]);
    if (!fits || tensor.dtype !== first.dtype) {
      throw new OcelliError(
        'concat',
        `${tensors.map((t) => `${formatShape(t.shape)} ${t.dtype}`).join(' and ')} do not join along axis ${axis}`,
      );
    }
  }
  const outer = sizeOf(first.shape.slice(0, at));
  const inner = sizeOf(first.shape.slice(at + 1));
  const total = tensors.reduce((sum, tensor) => sum + tensor.shape[at]!, 0);
  const y = empty(
    first.shape.map((extent, i) => (i === at ? total : extent)),
    first.dtype,
  );
  const offsets: number[] = [];
  let offset = 0;
  for (const tensor of tensors) {
    offsets.push(offset);
    const length = tensor.shape[at]! * inner;
    copyBlocks(tensor, y, outer, length, {
      source: length,
      sourceOffset: 0,
      target: total * inner,
      targetOffset: offset,
    });
    offset += length;
  }
  const backward: Backward = (gradient, needs) =>
    tensors.map((tensor, i) => {
      if (!needs[i]) return null;
      const dx = empty(tensor.shape);
      const length = tensor.shape[at]! * inner;
      copyBlocks(gradient, dx, outer, length, {
        source: total * inner,
        sourceOffset: offsets[i]!,
        target: length,
        targetOffset: 0,
      });
      return dx;
    });
  return record('concat', tensors, y, backward, [], []);
}

/** The part from `start` to before `end` along an axis, as a copy. */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  const at = normalizeAxis('slice', axis, x.rank);
  const extent = x.shape[at]!;
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end < start || end > extent) {
    throw new OcelliError(
      'slice',
      `${start} to ${end} is not a part of axis ${axis} of ${formatShape(x.shape)}`,
    );
  }
  const outer = sizeOf(x.shape.slice(0, at));
  const inner = sizeOf(x.shape.slice(at + 1));
  const length = (end - start) * inner;
  const y = empty(
    x.shape.map((old, i) => (i === at ? end - start : old)),
    x.dtype,
  );
  copyBlocks(x, y, outer, length, {
    source: extent * inner,
    sourceOffset: start * inner,
    target: length,
    targetOffset: 0,
  });
  const backward: Backward = (gradient) => {
    const dx = empty(x.shape);
    run('fill', [dx], [dx.size, 4, 0]);
    copyBlocks(gradient, dx, outer, length, {
      source: length,
      sourceOffset: 0,
      target: extent * inner,
      targetOffset: start * inner,
    });
    return [dx];
  };
  return record('slice', [x], y, backward, [], []);
}
