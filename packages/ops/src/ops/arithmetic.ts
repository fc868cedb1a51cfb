import { type Backward, needsGradient, record } from '../autograd/node.js';
import { checkType } from '../core/checks.js';
import { OcelliError } from '../core/errors.js';
import { run } from '../core/run.js';
import { formatShape, sizeOf } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';

const operations = { add: 0, subtract: 1, multiply: 2, divide: 3 } as const;
type Operation = keyof typeof operations;

interface Broadcast {
  outer: number;
  middle: number;
  inner: number;
}

/** How b is repeated along a: b is seen as [outer, inner] and a as [outer, middle, inner]. */
function broadcastOf(operation: string, a: Tensor, b: Tensor): Broadcast {
  if (b.size === 1) return { outer: 1, middle: a.size, inner: 1 };
  if (b.rank <= a.rank) {
    const aligned = [...Array<number>(a.rank - b.rank).fill(1), ...b.shape];
    const first = aligned.findIndex((extent, axis) => extent !== a.shape[axis]);
    if (first === -1) return { outer: 1, middle: 1, inner: a.size };
    const end = aligned.findLastIndex((extent, axis) => extent !== a.shape[axis]) + 1;
    if (aligned.slice(first, end).every((extent) => extent === 1)) {
      const part = (from: number, to?: number): number => sizeOf(a.shape.slice(from, to));
      return { outer: part(0, first), middle: part(first, end), inner: part(end) };
    }
  }
  throw new OcelliError(
    operation,
    `b ${formatShape(b.shape)} cannot be repeated to a ${formatShape(a.shape)}; axes are aligned at the end, and b may ` +
      `have 1 instead of a's extent on neighbouring axes`,
  );
}

/** Sums x * factor over the axis along which b was repeated. */
function reduced(
  x: Tensor,
  factor: Tensor | null,
  scale: number,
  b: Tensor,
  { outer, middle, inner }: Broadcast,
): Tensor {
  const result = empty(b.shape);
  run('reduce_sum', [x, factor, result], [outer, middle, inner, scale]);
  return result;
}

function binary(operation: Operation, a: Tensor, b: Tensor): Tensor {
  checkType(operation, 'a', a);
  checkType(operation, 'b', b);
  const broadcast = broadcastOf(operation, a, b);
  const sizes = [broadcast.outer, broadcast.middle, broadcast.inner];
  const apply = (kind: Operation, x: Tensor, y: Tensor): Tensor => {
    const result = empty(x.shape);
    run('binary', [x, y, result], [...sizes, operations[kind]]);
    return result;
  };
  const y = apply(operation, a, b);
  const backward: Backward = (gradient, [needsA, needsB]) => {
    switch (operation) {
      case 'add':
      case 'subtract': {
        const sign = operation === 'add' ? 1 : -1;
        return [needsA ? gradient : null, needsB ? reduced(gradient, null, sign, b, broadcast) : null];
      }
      case 'multiply':
        return [
          needsA ? apply('multiply', gradient, b) : null,
          needsB ? reduced(gradient, a, 1, b, broadcast) : null,
        ];
      case 'divide': {
        // d(a/b)/db = -y/b
        const dA = apply('divide', gradient, b);
        const dB = needsB ? reduced(dA, y, -1, b, broadcast) : null;
        if (!needsA) dA.dispose();
        return [needsA ? dA : null, dB];
      }
    }
  };
  const reads = {
    add: [],
    subtract: [],
    multiply: [needsGradient(b) ? a : null, needsGradient(a) ? b : null],
    divide: [b, needsGradient(b) ? y : null],
  };
  return record(operation, [a, b], y, backward, [], reads[operation]);
}

function affine(name: string, x: Tensor, alpha: number, gamma: number): Tensor {
  checkType(name, 'x', x);
  const apply = (input: Tensor, shift: number): Tensor => {
    const result = empty(x.shape);
    run('scale_add', [input, null, result], [x.size, alpha, 0, shift]);
    return result;
  };
  return record(name, [x], apply(x, gamma), (gradient) => [apply(gradient, 0)], [], []);
}

/**
 * a + b.
 *
 * @param b a number, or a tensor of a's shape in which neighbouring axes may be 1 and leading ones left out: a bias
 *   `[width]`, a column `[rows, 1]`, a vector per sample `[batch, 1, width]`. Its gradient has b's shape.
 */
export function add(a: Tensor, b: Tensor | number): Tensor {
  return typeof b === 'number' ? affine('add', a, 1, b) : binary('add', a, b);
}

/** a - b; b as for `add`. */
export function subtract(a: Tensor, b: Tensor | number): Tensor {
  return typeof b === 'number' ? affine('subtract', a, 1, -b) : binary('subtract', a, b);
}

/** a * b, element by element; b as for `add`. */
export function multiply(a: Tensor, b: Tensor | number): Tensor {
  return typeof b === 'number' ? affine('multiply', a, b, 0) : binary('multiply', a, b);
}

/** a / b, element by element; b as for `add`. */
export function divide(a: Tensor, b: Tensor | number): Tensor {
  return typeof b === 'number' ? affine('divide', a, 1 / b, 0) : binary('divide', a, b);
}

/** x times a number. */
export function scale(x: Tensor, factor: number): Tensor {
  return affine('scale', x, factor, 0);
}
