import { OcelliError } from './errors.js';

/** Sizes, outermost first; tensors are contiguous and row-major. `[]` is a scalar. */
export type Shape = readonly number[];

export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const extent of shape) size *= extent;
  return size;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** `[16, 197, 768]` for messages. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

export function checkShape(operation: string, shape: Shape): void {
  for (const extent of shape) {
    if (!Number.isInteger(extent) || extent < 0) {
      throw new OcelliError(
        operation,
        `shape ${formatShape(shape)} has an extent that is not a whole number >= 0`,
      );
    }
  }
}

/** Turns an axis that may count from the end (-1 = last) into one from the front. */
export function normalizeAxis(operation: string, axis: number, rank: number): number {
  const normalized = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || normalized < 0 || normalized >= rank) {
    throw new OcelliError(operation, `axis ${axis} is outside of a tensor with ${rank} axes`);
  }
  return normalized;
}
