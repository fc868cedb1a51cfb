import { afterAll, describe, expect, it } from 'vitest';
import { backward } from '../autograd/backward.js';
import { device } from '../core/device.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { Random } from '../random/random.js';
import { linear } from './linear.js';
import { PackedWeight, type WeightType, weightTypes } from './packed-weight.js';
import { sum } from './reduce.js';
import { reshape } from './reshape.js';

const inputs = 402;
const outputs = 150;

const threads = device.threads;
afterAll(() => {
  device.threads = threads;
});

function random(shape: readonly number[], seed: number): Float32Array {
  const stream = new Random(seed);
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.normal());
}

const weightValues = random([outputs, inputs], 1);
const xValues = random([500, inputs], 2);

/** y and d(x) of the first `rows` rows. */
async function results(dtype: WeightType, rows: number): Promise<[Float32Array, Float32Array]> {
  using weight = new PackedWeight(tensor(weightValues, [outputs, inputs]), { dtype });
  const x = tensor(xValues.slice(0, rows * inputs), [rows, inputs]).asParameter();
  const y = linear(x, weight, tensor(random([outputs], 3), [outputs]), { activation: 'gelu' });
  backward(sum(reshape(y, [rows * outputs])));
  return [await y.data(), await x.grad!.data()];
}

const onProcessor = device.name === 'cpu';
/** Rows, and smaller numbers of them that give a row the same bits. A GPU has its own kernel for up to eight. */
const batches: readonly (readonly [rows: number, parts: readonly number[]])[] = onProcessor
  ? [[500, [1, 2, 3, 11, 17, 200]]]
  : [
      [8, [1, 2, 3, 5]],
      [130, [9, 17, 70]],
    ];

describe.each(weightTypes)('linear with %s weights', (dtype) => {
  it.each(batches)('gives a row of %d the same bits whatever rows stand beside it', async (all, parts) => {
    const [y, dx] = await results(dtype, all);
    for (const rows of parts) {
      const [part, dPart] = await results(dtype, rows);
      expect(part).toEqual(y.slice(0, rows * outputs));
      expect(dPart).toEqual(dx.slice(0, rows * inputs));
    }
  });

  it.runIf(onProcessor).each([1, 2, 300])(
    'gives %i rows the same bits on 1, 2 and 5 threads',
    async (rows) => {
      const all = [];
      for (const count of [1, 2, 5]) {
        device.threads = count;
        all.push(await results(dtype, rows));
      }
      expect(all[1]).toEqual(all[0]);
      expect(all[2]).toEqual(all[0]);
    },
  );
});

describe('linear', () => {
  it('keeps one bit per element of ReLU and nothing else for a frozen weight', async () => {
    using weight = new PackedWeight(tensor(weightValues, [outputs, inputs]));
    const x: Tensor = tensor(xValues, [500, inputs]).asParameter();
    const before = device.memory().allocated;
    const hidden = linear(x, weight, null, { activation: 'relu' });
    const loss = sum(hidden);
    const [y, bits] = [500 * outputs * 4, 500 * Math.ceil(outputs / 8)];
    const held = device.memory().allocated - before - hidden.storage('test').bytes;
    expect(held).toBeGreaterThanOrEqual(bits);
    expect(held).toBeLessThan(y / 2);
    backward(loss);
    expect((await x.grad!.data()).some((value) => value !== 0)).toBe(true);
  });

  it('keeps NaN and infinity of a weight visible in every type', async () => {
    for (const dtype of weightTypes) {
      const weight = new PackedWeight(tensor([1, Number.NaN, 2, Number.POSITIVE_INFINITY], [2, 2]), {
        dtype,
      });
      const y = await linear(tensor([1, 1], [1, 2]), weight).data();
      expect(y.every((value) => !Number.isFinite(value))).toBe(true);
    }
  });

  it('says what does not fit', () => {
    const x = tensor(xValues, [500, inputs]);
    const weight = tensor(weightValues, [outputs, inputs]);
    expect(() => linear(x, weight, null, { residual: x })).toThrow(
      /\[linear\].*residual.*\[500, 150\].*\[500, 402\]/s,
    );
    expect(() => new PackedWeight(weight, { dtype: 'int4' as WeightType })).toThrow(
      '[packWeight] dtype must be float32, bfloat16, float16, int8, fp8, nf4, fp4, got "int4"',
    );
  });
});
