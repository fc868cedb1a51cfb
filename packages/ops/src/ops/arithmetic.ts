import { record } from '../autograd/node.js';
import { checkType } from '../core/checks.js';
import { OcelliError } from '../core/errors.js';
import { run } from '../core/run.js';
import { formatShape, sameShape, sizeOf } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';

const operations = { add: 0, subtract: 1, multiply: 2, divide: 3 } as const;
type Operation = keyof typeof operations;

interface Broadcast {
  outer: number;
  middle: number;
  inner: number;
}

/** How b is repeated along a: equal shapes, a suffix of a's shape (1s in front allowed), or a with a last axis of 1. */
function broadcastOf(operation: string, a: Tensor, b: Tensor): Broadcast {
  if (sameShape(a.shape, b.shape)) return { outer: 1, middle: 1, inner: a.size };
  const suffix = b.shape.slice(b.shape.findIndex((extent) => extent !== 1) >>> 0);
  if (b.rank <= a.rank && sameShape(suffix, a.shape.slice(a.rank - suffix.length))) {
    const inner = sizeOf(suffix);
    return { outer: 1, middle: a.size / inner, inner };
  }
  if (b.rank === a.rank && b.shape.at(-1) === 1 && sameShape(b.shape.slice(0, -1), a.shape.slice(0, -1))) {
    return { outer: b.size, middle: a.shape.at(-1)!, inner: 1 };
  }
  throw new OcelliError(
    operation,
    `b ${formatShape(b.shape)} cannot be repeated to a ${formatShape(a.shape)}; it must be equal, a suffix, or end in 1`,
  );
}

/** Sums x * factor over the axis along which b was repeated. */
function reduced(x: Tensor, factor: Tensor | null, scale: number, b: Tensor, { outer, middle, inner }: Broadcast): Tensor {
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
  return record(operation, [a, b], y, (gradient, [needsA, needsB]) => {
    switch (operation) {
      case 'add':
      case 'subtract': {
        const sign = operation === 'add' ? 1 : -1;
        return [needsA ? gradient : null, needsB ? reduced(gradient, null, sign, b, broadcast) : null];
      }
      case 'multiply':
        return [needsA ? apply('multiply', gradient, b) : null, needsB ? reduced(gradient, a, 1, b, broadcast) : null];
      case 'divide': {
        // d(a/b)/db = -y/b
        const dA = apply('divide', gradient, b);
        const dB = needsB ? reduced(dA, y, -1, b, broadcast) : null;
        if (!needsA) dA.dispose();
        return [needsA ? dA : null, dB];
      }
    }
  });
}

function affine(name: string, x: Tensor, alpha: number, gamma: number): Tensor {
  checkType(name, 'x', x);
  const apply = (input: Tensor, shift: number): Tensor => {
    const result = empty(x.shape);
    run('scale_add', [input, null, result], [x.size, alpha, 0, shift]);
    return result;
  };
  return record(name, [x], apply(x, gamma), (gradient) => [apply(gradient, 0)]);
}

/** a + b. @param b a number, or a tensor of a's shape, of a suffix of it, or of a's shape with a last axis of 1. */
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
