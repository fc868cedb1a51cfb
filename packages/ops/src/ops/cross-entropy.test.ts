import { expect, it } from 'vitest';
import { backward } from '../autograd/backward.js';
import { full, tensor, zeros } from '../core/tensor.js';
import { crossEntropy } from './cross-entropy.js';

it('refuses targets outside of the classes at the wait', async () => {
  const loss = crossEntropy(zeros([3, 5]), tensor([0, 5, 1], [3], 'int32'));
  await expect(loss.item()).rejects.toThrow(
    '[cross_entropy] target 5 at position 1 is outside of the 5 classes and is not the ignored index -100',
  );
});

it('is NaN where the logits are, and where every row is ignored, as in PyTorch', async () => {
  const targets = tensor([0, 1], [2], 'int32');
  const logits = tensor([1, Number.NaN, 2, 3, 4, 5], [2, 3]);
  expect(await crossEntropy(logits, targets, { reduction: 'none' }).data()).toEqual(
    Float32Array.of(Number.NaN, Math.fround(Math.log(1 + Math.exp(1) + Math.exp(-1)))),
  );
  expect(await crossEntropy(zeros([2, 3]), full([2], -100, 'int32')).item()).toBeNaN();
  expect(await crossEntropy(zeros([2, 3]), full([2], -100, 'int32'), { reduction: 'sum' }).item()).toBe(0);
});

it('gives ignored rows no gradient, whatever they hold', async () => {
  const logits = tensor([1, 2, Number.NaN, Number.NaN], [2, 2]);
  logits.requiresGrad = true;
  backward(crossEntropy(logits, tensor([1, -100], [2], 'int32')));
  const gradient = await logits.grad!.data();
  const probability = 1 / (1 + Math.E);
  expect(gradient[0]).toBeCloseTo(probability, 6);
  expect(gradient[1]).toBeCloseTo(-probability, 6);
  expect(gradient.subarray(2)).toEqual(Float32Array.of(0, 0));
});

it('refuses a smoothing of one', () => {
  expect(() => crossEntropy(zeros([1, 2]), zeros([1], 'int32'), { labelSmoothing: 1 })).toThrow(
    'labelSmoothing',
  );
});
