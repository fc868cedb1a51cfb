import { expect, it } from 'vitest';
import {
  backward,
  device,
  dryRun,
  normal,
  Random,
  relu,
  scale,
  scope,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../index.js';

const x = normal(new Random(1), [200, 300]).asParameter();

function step(): void {
  scope(() => {
    const loss = scope(() => sum(relu(scale(x, 2))));
    backward(loss);
  });
  x.grad?.dispose();
  x.grad = null;
}

it('counts what the real run takes, and takes nothing', async () => {
  const plan = dryRun(() => {
    const before = device.memory().allocated;
    device.resetPeakMemory();
    step();
    const { allocated, peak } = device.memory();
    expect(allocated).toBe(before);
    return peak - before;
  });
  await device.emptyCache();
  const { allocated, systemAllocations } = device.memory();
  device.resetPeakMemory();
  dryRun(step);
  expect(device.memory()).toMatchObject({ allocated, peak: allocated, systemAllocations });
  step();
  expect(device.memory().peak - allocated).toBe(plan);
  expect(plan).toBeGreaterThan(2 * x.size * 4);
});

it('has no values, and its tensors are of no use outside', async () => {
  const y = dryRun((): Tensor => scale(x, 2));
  expect(() => scale(y, 2)).toThrow('[dry run] a tensor of a dry run has no values');
  expect(dryRun(() => scale(y, 2)).shape).toEqual(x.shape);
  await expect(dryRun(async () => x.data())).rejects.toThrow('a dry run computes nothing');
  y.dispose();
});

it('goes on as before after an error inside', async () => {
  expect(() => dryRun(() => dryRun(() => tensor([1], [2])))).toThrow('shape [2] holds 2 elements');
  using y = tensor([1, 2]);
  expect(Array.from(await y.data())).toEqual([1, 2]);
});

it('copies host data of any size in order, more at once than the staging memory holds', async () => {
  const sizes = [3, 700_000, 5, 1_500_000, 900_000, 1, 9_000_000, 2_000_000];
  const expected: number[] = [];
  const tensors = Array.from({ length: 24 }, (_, i) => {
    const size = sizes[i % sizes.length]!;
    const values = new Float32Array(size);
    values[0] = i + 1;
    values[size - 1] = -i - 1;
    const made = tensor(values);
    values.fill(7); // the caller's array may change at once
    expected.push(size === 1 ? -i - 1 : i + 1, -i - 1);
    return made;
  });
  const ends: number[] = [];
  for (const made of tensors) {
    const values = await made.data();
    ends.push(values[0]!, values.at(-1)!);
    made.dispose();
  }
  expect(ends).toEqual(expected);
  using none = zeros([0]);
  expect(await none.data()).toHaveLength(0);
});
