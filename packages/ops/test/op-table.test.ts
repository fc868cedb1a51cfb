// The op table's battery: every op against its double-precision reference, every gradient against finite differences of
// that reference, on the instruction set in use (OCELLI_ISA forces another; the workspace test runs all of them).
import { describe, expect, it } from 'vitest';
import { backward } from '../src/autograd/backward.js';
import { device } from '../src/core/device.js';
import { formatShape } from '../src/core/shape.js';
import { Random } from '../src/random/random.js';
import { opTable } from '../src/registry/index.js';
import type { OpCase, OpEntry, Reference, Tolerance } from '../src/registry/types.js';
import { fillInput, toTensor } from './fill-input.js';

function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: Tolerance,
  what: string,
): void {
  expect(actual.length, what).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!);
    const allowed = tolerance.absolute + tolerance.relative * Math.abs(expected[i]!);
    if (!(error <= allowed) && actual[i] !== expected[i]) {
      throw new Error(
        `${what}[${i}]: got ${actual[i]}, expected ${expected[i]} (error ${error} > ${allowed})`,
      );
    }
  }
}

/** Central differences in double; all elements of small inputs, a seeded sample of large ones. */
function numericalGradient(
  op: OpEntry,
  testCase: OpCase<unknown>,
  inputs: Reference[],
  which: number,
  cotangent: Float64Array,
  positions: number[],
): number[] {
  const step = 1e-5;
  return positions.map((position) => {
    const input = inputs[which]!;
    const original = input.data[position]!;
    const at = (value: number): Float64Array => {
      input.data[position] = value;
      return op.reference(inputs, testCase.options).data;
    };
    const above = at(original + step);
    const below = at(original - step);
    input.data[position] = original;
    let total = 0;
    for (let i = 0; i < cotangent.length; i++) total += cotangent[i]! * (above[i]! - below[i]!);
    return total / (2 * step);
  });
}

describe.each(opTable.map((op) => [op.name, op] as const))(`%s (${device.isa})`, (_, op) => {
  it.each(op.cases.map((testCase, index) => [index, testCase] as const))(
    'case %i equals the reference, gradient too',
    async (index, testCase) => {
      const random = new Random(index + 1);
      const references = testCase.inputs.map((spec) => fillInput(spec, random));
      const tensors = references.map((reference, i) => toTensor(reference, testCase.inputs[i]!));
      const differentiable = testCase.inputs.map(
        (spec) => (spec.dtype ?? 'float32') === 'float32' && spec.differentiable !== false,
      );
      for (const [i, input] of tensors.entries()) input.requiresGrad = differentiable[i]!;

      const output = op.run(tensors, testCase.options);
      const expected = op.reference(references, testCase.options);
      const label = `${op.name} ${testCase.inputs.map((spec) => formatShape(spec.shape)).join(' ')}`;
      expect(output.shape, label).toEqual(expected.shape);
      expectClose(await output.data(), expected.data, op.tolerance, label);

      if (!differentiable.some(Boolean)) return;
      const cotangent = fillInput({ shape: output.shape }, random);
      backward(output, toTensor(cotangent, { shape: output.shape }));
      for (const [i, input] of tensors.entries()) {
        if (!differentiable[i]) continue;
        const gradient = await input.grad!.data();
        const all = Array.from(gradient.keys());
        const positions = all.length <= 64 ? all : random.shuffle(all).slice(0, 24);
        const numerical = numericalGradient(op, testCase, references, i, cotangent.data, positions);
        const tolerance = op.gradientTolerance ?? op.tolerance;
        expectClose(
          positions.map((position) => gradient[position]!),
          numerical,
          { absolute: tolerance.absolute + 1e-8, relative: tolerance.relative + 1e-6 },
          `d(${label})/d(input ${i}) at ${positions.slice(0, 4)}...`,
        );
      }
    },
  );
});
