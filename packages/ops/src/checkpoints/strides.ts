import { run } from '../core/run.js';
import type { Tensor } from '../core/tensor.js';
import { type StoredTensor, storedBytes } from './stored-type.js';

/** Also of a shape that a file made up, whose other extents may be anything. */
export function elementsOf(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((product, extent) => product * extent, 1);
}

/** How far apart neighbours lie in a row-major tensor without gaps, in elements. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides: number[] = new Array(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis]!;
  }
  return strides;
}

/** Whether these strides reach the same elements as row-major ones: those of axes with one entry do not matter. */
export function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  if (elementsOf(shape) === 0) return true;
  const plain = rowMajorStrides(shape);
  return shape.every((extent, axis) => extent === 1 || strides[axis] === plain[axis]);
}

/** Elements from the first to the last that a view reaches, both counted; 0 for an empty one. */
export function elementsSpanned(shape: readonly number[], strides: readonly number[]): number {
  if (elementsOf(shape) === 0) return 0;
  return shape.reduce((last, extent, axis) => last + (extent - 1) * strides[axis]!, 1);
}

/** Entries [begin, end) of the first axis. */
export function selectRows(stored: StoredTensor, begin: number, end: number): StoredTensor {
  const { shape, dtype, deflated } = stored;
  const strides = stored.strides ?? rowMajorStrides(shape);
  const rows = [end - begin, ...shape.slice(1)];
  const skipped = begin * strides[0]! * storedBytes[dtype];
  if (deflated) return { ...stored, shape: rows, deflated: { ...deflated, skip: deflated.skip + skipped } };
  const first = stored.begin + skipped;
  return {
    ...stored,
    shape: rows,
    begin: first,
    end: first + elementsSpanned(rows, strides) * storedBytes[dtype],
  };
}

/**
 * Copies the elements of a view to row-major order, on the device.
 *
 * @param source its bytes begin with the view's first element.
 * @param target as many bytes as `shape` takes, of any type.
 */
export function gatherElements(
  source: Tensor,
  target: Tensor,
  shape: readonly number[],
  strides: readonly number[],
  elementBytes: number,
): void {
  const plain = rowMajorStrides(shape);
  // One kernel call copies along the longest axis; what is left is walked here.
  const axis = shape.indexOf(Math.max(...shape));
  const count = shape[axis] ?? 1;
  const others = shape.map((extent, index) => (index === axis ? 1 : extent));
  const index = others.map(() => 0);
  for (let call = elementsOf(others); call > 0; call--) {
    const from = index.reduce((sum, at, each) => sum + at * strides[each]!, 0);
    const to = index.reduce((sum, at, each) => sum + at * plain[each]!, 0);
    run(
      'copy_blocks',
      [source, target],
      [count, 1, strides[axis] ?? 1, from, plain[axis] ?? 1, to, elementBytes],
    );
    for (let each = others.length - 1; each >= 0 && ++index[each]! === others[each]; each--) index[each] = 0;
  }
}
