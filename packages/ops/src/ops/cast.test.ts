import { expect, it } from 'vitest';
import { backward } from '../autograd/backward.js';
import { tensor } from '../core/tensor.js';
import { cast } from './cast.js';

it('passes the gradient between real types, not through whole numbers', async () => {
  const x = tensor([1.001, -2.5, 3e-9]);
  x.requiresGrad = true;
  backward(cast(cast(x, 'bfloat16'), 'float32'), tensor([1, 2, 3]));
  expect(await x.grad!.data()).toEqual(Float32Array.of(1, 2, 3));
  expect(cast(cast(x, 'int32'), 'float32').node).toBeNull();
});

it('keeps whole numbers exact where the type stays', async () => {
  const x = tensor(Int32Array.of(2 ** 31 - 1, -(2 ** 24) - 1));
  expect(await cast(x, 'int32').data<'int32'>()).toEqual(Int32Array.of(2 ** 31 - 1, -(2 ** 24) - 1));
});

it('keeps NaN and infinity in half types, and makes 0 of NaN in whole numbers', async () => {
  const x = tensor([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]);
  for (const type of ['bfloat16', 'float16'] as const) {
    expect(await cast(cast(x, type), 'float32').data()).toEqual(
      Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0),
    );
  }
  expect(await cast(x, 'int32').data<'int32'>()).toEqual(Int32Array.of(0, 2 ** 31 - 1, -(2 ** 31), 0));
});
