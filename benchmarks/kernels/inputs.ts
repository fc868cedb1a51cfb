import { Random, type Tensor, tensor } from '@ocelli/ops';

/** A prime number of normal values, drawn once: repeated, no two rows of the usual widths are alike. */
const drawn = (() => {
  const random = new Random(1);
  return Float32Array.from({ length: 65_521 }, () => random.normal());
})();

/** A tensor of normal values; drawing a vocabulary's worth anew would take seconds. */
export function normal(shape: readonly number[], scale = 1): Tensor {
  const values = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
  const source = scale === 1 ? drawn : drawn.map((value) => value * scale);
  for (let at = 0; at < values.length; at += source.length)
    values.set(source.subarray(0, Math.min(source.length, values.length - at)), at);
  return tensor(values, [...shape]);
}

/** Whole numbers below `below`, as indices. */
export function integers(count: number, below: number): Tensor {
  const random = new Random(2);
  return tensor(Int32Array.from({ length: count }, () => random.integer(below)));
}
