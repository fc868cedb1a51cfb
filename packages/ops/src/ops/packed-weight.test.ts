import { describe, expect, it } from 'vitest';
import { currentDevice } from '../core/open-device.js';
import { tensor } from '../core/tensor.js';
import { normal } from '../random/init.js';
import { Random } from '../random/random.js';
import { normalFloat4 } from '../registry/weight-types.js';
import { cast } from './cast.js';
import { linear } from './linear.js';
import { PackedWeight, type WeightType, weightTypes } from './packed-weight.js';

/**
 * The numbers that a packed `[outputs, inputs]` weight stands for: its product with the identity, eight rows at a time. More
 * would take a GPU's tensor cores, where a number is the sum of two of 11 bits.
 */
async function stored(
  values: ArrayLike<number>,
  outputs: number,
  dtype: WeightType,
): Promise<Float32Array[]> {
  const inputs = values.length / outputs;
  using weight = new PackedWeight(tensor(Float32Array.from(values), [outputs, inputs]), { dtype });
  const columns = new Float32Array(inputs * outputs);
  for (let begin = 0; begin < inputs; begin += 8) {
    const count = Math.min(8, inputs - begin);
    const ones = Float32Array.from({ length: count * inputs }, (_, i) =>
      i % inputs === begin + Math.floor(i / inputs) ? 1 : 0,
    );
    columns.set(await linear(tensor(ones, [count, inputs]), weight).data(), begin * outputs);
  }
  return Array.from({ length: outputs }, (_, output) =>
    Float32Array.from({ length: inputs }, (_, input) => columns[input * outputs + output]!),
  );
}

/** The value of a float16 pattern. */
function half(bits: number): number {
  const [sign, exponent, mantissa] = [bits >> 15, (bits >> 10) & 31, bits & 1023];
  const size = exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25);
  return sign ? -size : size;
}

describe('PackedWeight', () => {
  it('keeps every finite float16 as it is', async () => {
    const bits = Array.from({ length: 2 ** 16 }, (_, i) => i).filter((i) => ((i >> 10) & 31) < 31);
    const values = Float32Array.from(bits, half);
    const rows = await stored(values, values.length / 64, 'float16');
    expect(rows.flatMap((row) => Array.from(row, (x) => x + 0))).toEqual(Array.from(values, (x) => x + 0));
  });

  it('rounds to float16 with ties to even and large numbers to infinity', async () => {
    // Halves around 1 are 2^-10 apart.
    const [row] = await stored([1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519], 1, 'float16');
    expect(Array.from(row!)).toEqual([1, 1 + 2 ** -9, 65504]);
    using weight = new PackedWeight(tensor([65520], [1, 1]), { dtype: 'float16' });
    expect(await linear(tensor([1], [1, 1]), weight).item()).toBe(Number.POSITIVE_INFINITY);
  });

  // Rows of every remainder, of pairs of numbers and of pieces (384) too; a part of a panel behind whole ones.
  describe.each(['bfloat16', 'float16'] as const)('of a %s weight', (from) => {
    it.each(weightTypes)('packs to %s as of the same numbers in float32', async (dtype) => {
      for (const inputs of [1, 2, 7, 64, 385, 386, 770]) {
        const outputs = currentDevice().native.panelWidth + 3;
        using narrow = cast(normal(new Random(inputs), [outputs, inputs]), from);
        using wide = cast(narrow, 'float32');
        using expected = new PackedWeight(wide, { dtype });
        using packed = new PackedWeight(narrow, { dtype });
        expect(await packed.packed.data<'uint8'>()).toEqual(await expected.packed.data<'uint8'>());
        expect(await packed.factors?.data()).toEqual(await expected.factors?.data());
      }
    });
  });

  it.each(['bfloat16', 'float16'] as const)('keeps every %s of a weight of this type', async (dtype) => {
    const bits = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i);
    using weight = new PackedWeight(tensor(bits, [2 ** 10, 64], dtype), { dtype });
    const words = new Uint16Array((await weight.packed.data<'uint8'>()).buffer);
    // What NaN is may change, but not that it is one.
    const infinity = dtype === 'bfloat16' ? 0x7f80 : 0x7c00;
    const sorted = words.filter((word) => (word & 0x7fff) <= infinity).sort();
    expect(sorted).toEqual(bits.filter((word) => (word & 0x7fff) <= infinity));
    expect(words.length).toBe(bits.length);
  });

  it('refuses a weight of another type', () => {
    expect(() => new PackedWeight(tensor(Int32Array.of(1, 2), [1, 2]))).toThrow(
      '[packWeight] weight must be float32, bfloat16, float16, got int32 [1, 2]; convert it with cast()',
    );
  });

  it('has the levels of NormalFloat4: quantiles of the normal distribution', async () => {
    const [row] = await stored(normalFloat4, 1, 'nf4');
    for (const [i, level] of normalFloat4.entries()) expect(Math.abs(row![i]! - level)).toBeLessThan(2e-7);
    // The published table (QLoRA, appendix E), at its ends and in the middle.
    for (const [i, level] of [
      [0, -1],
      [1, -0.6961928009986877],
      [7, 0],
      [8, 0.07958029955625534],
      [14, 0.7229568362236023],
      [15, 1],
    ] as const)
      expect(row![i]).toBe(Math.fround(level));
  });

  it('rounds to the nearest level of NormalFloat4, for every group of 64 by its own largest magnitude', async () => {
    const sizes = [3, 0.02, 0, 7];
    const values = Array.from({ length: 64 * 3 + 17 }, (_, i) => {
      const size = sizes[Math.floor(i / 64)]!;
      return i % 64 === 5 ? -size : size * Math.sin(i * i);
    });
    const [row] = await stored(values, 1, 'nf4');
    for (const [i, value] of values.entries()) {
      const size = sizes[Math.floor(i / 64)]!;
      const distances = normalFloat4.map((level) => Math.abs(level * size - value));
      expect(Math.abs(row![i]! - value)).toBeLessThanOrEqual(Math.min(...distances) + 1e-6 * size);
    }
  });

  it('rounds to E2M1 with ties to the even mantissa', async () => {
    const values = [6, 5, 3.5, 2.5, 1.75, 1.25, 0.75, 0.25, 0.2, 0.3, -0.1, -4.9];
    const [row] = await stored(values, 1, 'fp4');
    expect(Array.from(row!)).toEqual([6, 4, 4, 2, 2, 1, 1, 0, 0, 0.5, 0, -4]);
  });

  it('rounds to E4M3 with ties to the even mantissa, and to steps of 2^-9 below 2^-6', async () => {
    // As torch.float8_e4m3fn rounds them.
    const values = [
      448,
      1.0625,
      1.1875,
      -300,
      17,
      2 ** -9,
      2 ** -10,
      1.5 * 2 ** -9,
      7.75 * 2 ** -9,
      -0.1,
      440,
      433,
    ];
    const [row] = await stored(values, 1, 'fp8');
    const expected = [448, 1, 1.25, -288, 16, 2 ** -9, 0, 2 ** -8, 2 ** -6, -0.1015625, 448, 448];
    expect(Array.from(row!)).toEqual(expected);
  });

  it.each(['nf4', 'fp4'] as const)(
    '%s keeps a group of zeros, and NaN visible in its group',
    async (dtype) => {
      const values = new Float32Array(192);
      values[70] = Number.NaN;
      using weight = new PackedWeight(tensor(values, [1, 192]), { dtype });
      const only = (from: number): number[] =>
        Array.from({ length: 192 }, (_, i) => (i >= from && i < from + 64 ? 1 : 0));
      const y = await linear(tensor([...only(0), ...only(128)], [2, 192]), weight).data();
      expect(y.every((value) => Number.isNaN(value))).toBe(true); // 0 * NaN, as in every product
      using zeros = new PackedWeight(tensor(new Float32Array(192), [1, 192]), { dtype });
      expect(await linear(tensor(only(0), [1, 192]), zeros).item()).toBe(0);
    },
  );

  it.each(weightTypes)('says how many bytes %s takes', (dtype) => {
    const [outputs, inputs] = [currentDevice().native.panelWidth * 2, 1024];
    using weight = new PackedWeight(tensor(new Float32Array(outputs * inputs), [outputs, inputs]), { dtype });
    const bits = { float32: 32, bfloat16: 16, float16: 16, int8: 8, fp8: 8, nf4: 4.5, fp4: 4.5 }[dtype];
    const factors = dtype === 'int8' || dtype === 'fp8' ? outputs * 4 : 0;
    const block = 512; // of the allocator, for each of two tensors
    const bytes = (outputs * inputs * bits) / 8 + factors;
    expect(weight.bytes).toBeGreaterThanOrEqual(bytes);
    expect(weight.bytes).toBeLessThan(bytes + 2 * block);
  });
});
