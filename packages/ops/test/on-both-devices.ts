import { expect } from 'vitest';
import { device } from '../src/core/device.js';
import { bytesPerElement, type DType } from '../src/core/dtype.js';
import { OcelliError } from '../src/core/errors.js';
import { type DeviceName, openDevice } from '../src/core/open-device.js';
import { run } from '../src/core/run.js';
import { type Tensor, tensor } from '../src/core/tensor.js';

export type Numbers = Float32Array | Int32Array | Uint8Array | Uint16Array;

/** A tensor of a kernel's call: its numbers before the call and its type. */
export interface Operand {
  readonly values: Numbers;
  readonly dtype: DType;
}

export const float32 = (values: ArrayLike<number>): Operand => ({
  values: Float32Array.from(values),
  dtype: 'float32',
});
export const int32 = (values: ArrayLike<number>): Operand => ({
  values: Int32Array.from(values),
  dtype: 'int32',
});
export const bytes = (values: ArrayLike<number>): Operand => ({
  values: Uint8Array.from(values),
  dtype: 'uint8',
});

/** Whether the addon that runs CUDA's kernels on the host has been built. */
export const hasEmulation = ((): boolean => {
  try {
    return openDevice('cuda-emulated').name === 'cuda-emulated';
  } catch (error) {
    if (error instanceof OcelliError) return false;
    throw error;
  }
})();

const guard = 7;

interface Outcome {
  /** What the operands hold afterwards. */
  readonly after: Map<Operand, Numbers>;
  /** What the wait says of data that the kernel cannot serve. */
  readonly failure: string;
}

/** Runs a kernel on a device; an operand that stands twice is one tensor. Fails if it writes beyond its operands. */
async function runOn(
  name: DeviceName,
  kernel: string,
  operands: readonly (Operand | null)[],
  scalars: readonly number[],
  offset: number,
): Promise<Outcome> {
  const before = device.name;
  device.use(name);
  try {
    const memory = new Map<Operand, Tensor>();
    for (const operand of operands) {
      if (!operand || memory.has(operand)) continue;
      const { values, dtype } = operand;
      const around = new (values.constructor as new (length: number) => Numbers)(
        offset + values.length + guard,
      );
      around.fill(guard).set(values, offset);
      memory.set(operand, tensor(around, [around.length], dtype));
    }
    const views = operands.map((operand) => {
      if (!operand) return null;
      const { values, dtype } = operand;
      return memory.get(operand)!.view([values.length], offset * bytesPerElement[dtype]);
    });
    run(kernel, views, scalars);
    const failure = await device.synchronize().then(
      () => '',
      (error: Error) => error.message,
    );
    const after = new Map<Operand, Numbers>();
    for (const [operand, whole] of memory) {
      const numbers = (await whole.data()) as Numbers;
      const end = offset + operand.values.length;
      for (const [i, value] of numbers.entries())
        if (i < offset || i >= end) expect(value, `${kernel} wrote beyond an operand`).toBe(guard);
      after.set(operand, numbers.slice(offset, end));
    }
    return { after, failure };
  } finally {
    device.use(before);
  }
}

/**
 * Runs a kernel on the processor and on the emulated GPU, with operands that begin at an aligned address and `offset`
 * elements behind one, and compares all of what they hold afterwards: to the bit, or as `close` says.
 *
 * @returns what the GPU made of the operands at the aligned address.
 */
export async function expectTwins(
  kernel: string,
  operands: readonly (Operand | null)[],
  scalars: readonly number[],
  {
    offsets = [0, 1],
    close,
  }: { offsets?: readonly number[]; close?: { absolute: number; relative: number } } = {},
): Promise<Map<Operand, Numbers>> {
  const results: Map<Operand, Numbers>[] = [];
  for (const offset of offsets) {
    const expected = await runOn('cpu', kernel, operands, scalars, offset);
    const actual = await runOn('cuda-emulated', kernel, operands, scalars, offset);
    expect([expected.failure, actual.failure], kernel).toEqual(['', '']);
    results.push(actual.after);
    for (const [operand, values] of expected.after) {
      const label = `${kernel}(${scalars.join(', ')}), operand ${operands.indexOf(operand)}, offset ${offset}`;
      expectEqual(actual.after.get(operand)!, values, operand.dtype, label, close);
    }
  }
  return results[0]!;
}

/** NaN equals NaN, whatever its bits are. */
function expectEqual(
  actual: Numbers,
  expected: Numbers,
  dtype: DType,
  label: string,
  close?: { absolute: number; relative: number },
): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, wanted] of expected.entries()) {
    const got = actual[i]!;
    if (Object.is(got, wanted) || (isNaNOf(got, dtype) && isNaNOf(wanted, dtype))) continue;
    const allowed = close && dtype === 'float32' ? close.absolute + close.relative * Math.abs(wanted) : 0;
    if (!(Math.abs(got - wanted) <= allowed) || allowed === 0)
      throw new Error(`${label}[${i}]: got ${got}, expected ${wanted}`);
  }
}

function isNaNOf(value: number, dtype: DType): boolean {
  if (dtype === 'bfloat16') return (value & 0x7fff) > 0x7f80;
  if (dtype === 'float16') return (value & 0x7fff) > 0x7c00;
  return Number.isNaN(value);
}

/** What the emulated GPU's next wait says of a call that it cannot serve, and what the operands hold after it. */
export function runUnserved(
  kernel: string,
  operands: readonly Operand[],
  scalars: readonly number[],
): Promise<Outcome> {
  return runOn('cuda-emulated', kernel, operands, scalars, 0);
}
