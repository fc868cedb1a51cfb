import { afterEach, describe, expect, it } from 'vitest';
import { backward } from '../autograd/backward.js';
import { linear } from '../ops/linear.js';
import { linearCrossEntropy } from '../ops/linear-cross-entropy.js';
import { matmul } from '../ops/matmul.js';
import { PackedWeight, type WeightType, weightTypes } from '../ops/packed-weight.js';
import { Random } from '../random/random.js';
import { device } from './device.js';
import type { Precision } from './open-device.js';
import { type Tensor, tensor } from './tensor.js';

const cpu = device.name === 'cpu';

afterEach(() => {
  device.precision = 'float32';
});

it('is float32 from the start, and says what else it can be', () => {
  expect(device.precision).toBe('float32');
  device.precision = 'float32';
  expect(() => {
    device.precision = 'float16' as Precision;
  }).toThrow('[device] precision must be float32, tf32, bfloat16, got "float16"');
  if (!cpu) return;
  expect(() => {
    device.precision = 'tf32';
  }).toThrow(
    '[device] the device cpu multiplies in float32, got precision "tf32"; choose a GPU with device.use() first',
  );
  expect(device.precision).toBe('float32');
});

function normal(count: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: count }, () => random.normal());
}

interface Case {
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly x: Float32Array;
  readonly weight: Float32Array;
  readonly dy: Float32Array;
}

function caseOf(rows: number, inputs: number, outputs: number): Case {
  const x = normal(rows * inputs, 1);
  const weight = normal(outputs * inputs, 2);
  return { rows, inputs, outputs, x, weight, dy: normal(rows * outputs, 3) };
}

/** One small tile, and large ones with tails: the executor's device has few enough multiprocessors for these. */
const cases = { 'small tiles': caseOf(19, 70, 37), 'large tiles': caseOf(129, 130, 131) };

/** What rounding one operand to so many bits changes it by, relative to itself. */
const roundingOf = { float32: 2 ** -22, tf32: 2 ** -11, bfloat16: 2 ** -8 } as const;

/** a [rows, inner] times b [inner, columns] in double, and the same of magnitudes. */
function product(
  [a, b]: readonly [ArrayLike<number>, ArrayLike<number>],
  [m, inner, n]: readonly [number, number, number],
  transposeB: boolean,
): { sums: number[]; sizes: number[] } {
  const sums = new Array<number>(m * n).fill(0);
  const sizes = new Array<number>(m * n).fill(0);
  for (let row = 0; row < m; row++)
    for (let column = 0; column < n; column++)
      for (let k = 0; k < inner; k++) {
        const term = a[row * inner + k]! * b[transposeB ? column * inner + k : k * n + column]!;
        sums[row * n + column]! += term;
        sizes[row * n + column]! += Math.abs(term);
      }
  return { sums, sizes };
}

/** The transpose of a [rows, columns]. */
function turned(values: ArrayLike<number>, rows: number, columns: number): Float64Array {
  return Float64Array.from(
    { length: rows * columns },
    (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!,
  );
}

/** The largest error of an element in units of `lost` times the magnitudes that it sums up. */
function largestError(
  actual: ArrayLike<number>,
  { sums, sizes }: { sums: number[]; sizes: number[] },
  lost: number,
): number {
  expect(actual.length).toBe(sums.length);
  return Math.max(...sums.map((sum, i) => Math.abs(actual[i]! - sum) / (sizes[i]! * lost)));
}

/** The numbers that the weight is stored as, row by row. */
async function storedRows({ weight, inputs, outputs }: Case, dtype: WeightType): Promise<Float32Array> {
  using packed = new PackedWeight(tensor(weight, [outputs, inputs]), { dtype });
  const columns: Float32Array[] = [];
  // Up to eight rows are multiplied in float32.
  for (let begin = 0; begin < inputs; begin += 8) {
    const count = Math.min(8, inputs - begin);
    const ones = new Float32Array(count * inputs);
    for (let i = 0; i < count; i++) ones[i * inputs + begin + i] = 1;
    columns.push(await linear(tensor(ones, [count, inputs]), packed).data());
  }
  const flat = columns.flatMap((part) => Array.from(part)); // [inputs, outputs]
  return Float32Array.from(
    { length: outputs * inputs },
    (_, i) => flat[(i % inputs) * outputs + Math.floor(i / inputs)]!,
  );
}

describe.skipIf(cpu).each(['float32', 'tf32', 'bfloat16'] as const)('products in %s', (precision) => {
  /** Both operands are rounded, and sums of so many terms in float32 add their own. */
  const lostBy = (rounding: number, terms: number): number => 2 * rounding + rounding ** 2 + terms * 2 ** -24;
  /** A bound that nothing reaches says nothing: rounding must show. */
  const expectRounded = (error: number): void => {
    expect(error).toBeLessThan(1);
    if (precision !== 'float32') expect(error).toBeGreaterThan(0.02);
  };

  describe.each(Object.entries(cases))('of %s', (_, of) => {
    const { rows, inputs, outputs, x, weight, dy } = of;
    const terms = Math.max(rows, inputs, outputs);
    const ones = new Float32Array(rows).fill(1);

    it.each([false, true])('lose what their operands do, forward and backward, bias %s', async (biased) => {
      const lost = lostBy(roundingOf[precision], terms);
      device.precision = precision;
      const a: Tensor = tensor(x, [rows, inputs]).asParameter();
      const b: Tensor = tensor(weight, [outputs, inputs]).asParameter();
      const bias = biased ? tensor(new Float32Array(outputs)).asParameter() : null;
      const y = linear(a, b, bias);
      expectRounded(largestError(await y.data(), product([x, weight], [rows, inputs, outputs], true), lost));
      backward(y, tensor(dy, [rows, outputs]));
      const dx = product([dy, weight], [rows, outputs, inputs], false);
      expectRounded(largestError(await a.grad!.data(), dx, lost));
      const dWeight = product([turned(dy, rows, outputs), x], [outputs, rows, inputs], false);
      expectRounded(largestError(await b.grad!.data(), dWeight, lost));
      if (!bias) return;
      // Added up in float32 whatever the precision is.
      const dBias = product([turned(dy, rows, outputs), ones], [outputs, rows, 1], false);
      expect(largestError(await bias.grad!.data(), dBias, rows * 2 ** -24)).toBeLessThan(1);
    });

    it.each(weightTypes)('lose what their operands do with %s weights', async (dtype) => {
      // Numbers of float16 do not fit into bfloat16, so they enter as tf32.
      const tf32 = dtype === 'float16' && precision === 'bfloat16';
      const lost = lostBy(roundingOf[tf32 ? 'tf32' : precision], terms);
      const stored = await storedRows(of, dtype);
      using packed = new PackedWeight(tensor(weight, [outputs, inputs]), { dtype });
      device.precision = precision;
      const a: Tensor = tensor(x, [rows, inputs]).asParameter();
      const y = linear(a, packed);
      expectRounded(largestError(await y.data(), product([x, stored], [rows, inputs, outputs], true), lost));
      backward(y, tensor(dy, [rows, outputs]));
      const dx = product([dy, stored], [rows, outputs, inputs], false);
      expectRounded(largestError(await a.grad!.data(), dx, lost));
      // A few rows are multiplied in float32 whatever the precision is.
      for (const few of [2, 4, 8]) {
        const some = await linear(tensor(x.subarray(0, few * inputs), [few, inputs]), packed).data();
        const exact = product([x, stored], [few, inputs, outputs], true);
        expect(largestError(some, exact, inputs * 2 ** -24)).toBeLessThan(1);
      }
    });
  });

  it.each([null, ...weightTypes])('lose as much in a fused head with weights of type %s', async (dtype) => {
    const [rows, width, classes] = [19, 70, 37];
    // As small as a model's, so that no class takes all.
    const x = normal(rows * width, 1).map((value) => value / 4);
    const weight = normal(classes * width, 2).map((value) => value / 4);
    const of = { ...caseOf(rows, width, classes), x, weight };
    const stored = dtype ? await storedRows({ ...of, inputs: width, outputs: classes }, dtype) : weight;
    const targets = Int32Array.from({ length: rows }, (_, row) => (row * 7) % classes);
    device.precision = precision;
    const a: Tensor = tensor(x, [rows, width]).asParameter();
    using packed = dtype ? new PackedWeight(tensor(weight, [classes, width]), { dtype }) : null;
    const b: Tensor = tensor(weight, [classes, width]).asParameter();
    const losses = linearCrossEntropy(a, packed ?? b, tensor(targets), { reduction: 'none' });
    backward(losses, tensor(new Float32Array(rows).fill(1)));

    const lost = lostBy(roundingOf[precision], Math.max(rows, width, classes));
    const { sums, sizes } = product([x, stored], [rows, width, classes], true);
    const actual = await losses.data();
    // What a logit is off by changes a loss by twice as much at most, and a probability by a share.
    const share = Math.expm1(2 * lost * Math.max(...sizes)) + 2 ** -18;
    const gradient = Float64Array.from(sums);
    for (let row = 0; row < rows; row++) {
      const logits = sums.slice(row * classes, (row + 1) * classes);
      const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
      const expected = total - logits[targets[row]!]!;
      expect(Math.abs(actual[row]! - expected)).toBeLessThan(share);
      for (const [id, logit] of logits.entries())
        gradient[row * classes + id] = Math.exp(logit - total) - (id === targets[row] ? 1 : 0);
    }
    const dx = product([gradient, stored], [rows, classes, width], false);
    expect(largestError(await a.grad!.data(), dx, lost + 2 * share)).toBeLessThan(1);
    if (packed) return;
    const dWeight = product([turned(gradient, rows, classes), x], [classes, rows, width], false);
    expect(largestError(await b.grad!.data(), dWeight, lost + 2 * share)).toBeLessThan(1);
  });

  it('are exact where numbers are', async () => {
    const { rows, inputs, outputs, x, weight } = cases['small tiles'];
    device.precision = precision;
    // Whole numbers up to 127 and their sums need no rounding in any of them.
    const whole = (values: Float32Array): Float32Array => values.map((value) => Math.round(value * 30));
    const [a, b] = [whole(x), whole(weight)];
    const y = matmul(tensor(a, [rows, inputs]), tensor(b.subarray(0, inputs * outputs), [inputs, outputs]));
    const { sums } = product([a, b], [rows, inputs, outputs], false);
    expect(Array.from(await y.data(), (value) => value + 0)).toEqual(sums.map((sum) => sum + 0));
  });
});
