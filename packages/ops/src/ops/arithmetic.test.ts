import { expect, it } from 'vitest';
import { backward } from '../autograd/backward.js';
import { tensor, zeros } from '../core/tensor.js';
import { add, divide, multiply } from './arithmetic.js';

it('names the shapes that do not fit', () => {
  expect(() => add(zeros([2, 3]), zeros([2]))).toThrow('[add] b [2] cannot be repeated to a [2, 3]');
  expect(() => add(zeros([2, 3, 4]), zeros([1, 3, 1]))).toThrow('neighbouring axes');
  expect(() => add(zeros([3]), zeros([2, 3]))).toThrow('[add] b [2, 3] cannot be repeated to a [3]');
});

it('uses one operand twice', async () => {
  const x = tensor([2, -3]);
  x.requiresGrad = true;
  backward(multiply(x, x), tensor([1, 10]));
  expect(await x.grad!.data()).toEqual(Float32Array.of(4, -60));
});

it('keeps infinities and NaN', async () => {
  const quotient = divide(tensor([1, -1, 0]), tensor([0, 0, 0]));
  expect(await quotient.data()).toEqual(
    Float32Array.of(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN),
  );
});

it('works on nothing', async () => {
  expect(await add(zeros([0, 3]), zeros([3])).data()).toEqual(new Float32Array(0));
});
