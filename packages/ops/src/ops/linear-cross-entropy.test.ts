import { afterAll, expect, it } from 'vitest';
import { backward } from '../autograd/backward.js';
import { device } from '../core/device.js';
import { full, type Tensor, tensor, zeros } from '../core/tensor.js';
import { normal } from '../random/init.js';
import { Random } from '../random/random.js';
import { type CrossEntropyOptions, crossEntropy } from './cross-entropy.js';
import { linear } from './linear.js';
import { linearCrossEntropy } from './linear-cross-entropy.js';
import { PackedWeight } from './packed-weight.js';

const threads = device.threads;
afterAll(() => {
  device.threads = threads;
});

const classes = 1500;
const width = 40;

/** Every third row is ignored. */
function targetsOf(rows: number): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => (row % 3 === 1 ? -100 : (row * 7919) % classes));
}

type Head = (x: Tensor, weight: Tensor, targets: Tensor, options: CrossEntropyOptions) => Tensor;
const fused: Head = linearCrossEntropy;
const frozen: Head = (x, weight, ...rest) => linearCrossEntropy(x, new PackedWeight(weight), ...rest);
const unfused: Head = (x, weight, ...rest) => crossEntropy(linear(x, weight), ...rest);

interface Results {
  readonly losses: Float32Array;
  readonly dx: Float32Array;
  readonly dWeight: Float32Array | null;
}

async function results(head: Head, x: Tensor, targets: Int32Array, labelSmoothing = 0): Promise<Results> {
  const weight = normal(new Random(2), [classes, width], 0.5);
  const input = x.detach();
  input.requiresGrad = true;
  weight.requiresGrad = head !== frozen;
  const losses = head(input, weight, tensor(targets), { reduction: 'none', labelSmoothing });
  const values = await losses.data();
  backward(
    losses,
    tensor(
      targets.map((_, row) => 1 + (row % 5)),
      losses.shape,
      'float32',
    ),
  );
  const dWeight = weight.grad ? await weight.grad.data() : null;
  return { losses: values, dx: await input.grad!.data(), dWeight };
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

it.each([0, 0.2])('equals crossEntropy of linear with smoothing %d', async (smoothing) => {
  const x = normal(new Random(1), [300, width], 1);
  const targets = targetsOf(300);
  const expected = await results(unfused, x, targets, smoothing);
  for (const head of [fused, frozen]) {
    const actual = await results(head, x, targets, smoothing);
    // Losses near 10 and gradients up to 10 are summed in another order.
    expect(largestDifference(actual.losses, expected.losses)).toBeLessThan(1e-5);
    expect(largestDifference(actual.dx, expected.dx)).toBeLessThan(2e-5);
    if (actual.dWeight) expect(largestDifference(actual.dWeight, expected.dWeight!)).toBeLessThan(1e-4);
  }
});

it('gives the same bits on any number of threads', async () => {
  const x = normal(new Random(1), [300, width], 1);
  for (const head of [fused, frozen]) {
    device.threads = 1;
    const one = await results(head, x, targetsOf(300), 0.1);
    device.threads = 5;
    expect(await results(head, x, targetsOf(300), 0.1)).toEqual(one);
  }
});

it('gives a row the same bits alone, among others and with other positions ignored', async () => {
  const x = normal(new Random(1), [300, width], 1);
  const targets = Int32Array.from({ length: 300 }, (_, row) => (row * 7919) % classes);
  const all = await results(frozen, x, targets);
  for (const row of [0, 5, 17, 255, 256, 299]) {
    const only = x.view([1, width], row * width * 4);
    const alone = await results(frozen, only, targets.slice(row, row + 1));
    expect(alone.losses[0]).toBe(all.losses[row]);
    const factor = 1 + (row % 5); // the factor of the row's gradient
    const expected = all.dx.slice(row * width, (row + 1) * width);
    // A factor of 1 to 5 rounds once; the gradient before it is the same.
    expect(
      largestDifference(
        alone.dx.map((value) => Math.fround(value * factor)),
        expected,
      ),
    ).toBe(0);
  }
  const some = targets.map((target, row) => (row % 7 === 3 ? target : -100));
  const others = await results(frozen, x, some);
  for (let row = 0; row < 300; row++) {
    const gradient = others.dx.slice(row * width, (row + 1) * width);
    expect(others.losses[row]).toBe(row % 7 === 3 ? all.losses[row] : 0);
    expect(gradient).toEqual(
      row % 7 === 3 ? all.dx.slice(row * width, (row + 1) * width) : new Float32Array(width),
    );
  }
});

it('never reads ignored rows, and is NaN where a row is or where all are ignored', async () => {
  const x = tensor([1, 2, Number.NaN, Number.NaN], [2, 2]).asParameter();
  const weight = tensor([1, 0, 0, 1, 1, 1], [3, 2]).asParameter();
  const loss = linearCrossEntropy(x, weight, tensor([1, -100], [2], 'int32'));
  expect(await loss.item()).toBeCloseTo(Math.log(Math.exp(1) + Math.exp(2) + Math.exp(3)) - 2, 6);
  backward(loss);
  expect((await x.grad!.data()).subarray(2)).toEqual(Float32Array.of(0, 0));
  for (const value of await weight.grad!.data()) expect(value).not.toBeNaN();

  const both = linearCrossEntropy(x, weight, tensor([1, 0], [2], 'int32'), { reduction: 'none' });
  expect((await both.data())[1]).toBeNaN();
  const ignored = full([2], -100, 'int32');
  expect(await linearCrossEntropy(x, weight, ignored).item()).toBeNaN();
  expect(await linearCrossEntropy(x, weight, ignored, { reduction: 'sum' }).item()).toBe(0);
});

it('holds for logits of thousands', async () => {
  const x = tensor([100, 1], [1, 2]);
  const weight = tensor([90, 0, 90, 1, -90, 0], [3, 2]);
  const losses = linearCrossEntropy(x, weight, tensor([0], [1], 'int32'), { reduction: 'none' });
  // Logits 9000 and 9001: log(1 + e), although a float near 9000 is only right to 5e-4.
  expect((await losses.data())[0]).toBeCloseTo(Math.log(1 + Math.E), 5);
});

it('refuses what does not fit', async () => {
  const targets = zeros([2], 'int32');
  expect(() => linearCrossEntropy(zeros([2, 3]), zeros([5, 4]), targets)).toThrow(
    '[linearCrossEntropy] weight [5, 4] expects 4 input features, got 3 (x is [2, 3])',
  );
  expect(() => linearCrossEntropy(zeros([2, 3]), zeros([5, 3]), targets, { labelSmoothing: 1 })).toThrow(
    'labelSmoothing',
  );
  await expect(
    linearCrossEntropy(zeros([2, 3]), zeros([5, 3]), tensor([0, 5], [2], 'int32')).item(),
  ).rejects.toThrow(
    '[linear_cross_entropy] target 5 at position 1 is outside of the 5 classes and is not the ignored index -100',
  );
});
