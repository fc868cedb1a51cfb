import { expect, it } from 'vitest';
import { backward } from '../autograd/backward.js';
import { run } from '../core/run.js';
import { empty, full } from '../core/tensor.js';
import { dropoutWords } from '../registry/philox.js';
import { dropout } from './dropout.js';

it('deals the words of Philox4x32-10', async () => {
  const [size, seed, offset] = [70001, 2 ** 45 + 123, 2 ** 37 + 11];
  const words = empty([size], 'int32');
  run('random_bits', [words], [size, seed, offset]);
  const ours = new Uint32Array((await words.data<'int32'>()).buffer);
  const theirs = dropoutWords(640, seed, offset);
  expect(ours.subarray(0, 640)).toEqual(theirs);
});

it('keeps the right fraction, scaled; backward has the same mask, other offsets have other ones', async () => {
  const x = full([100_000], 1);
  x.requiresGrad = true;
  const y = dropout(x, { probability: 0.3, seed: 5, offset: 9 });
  const kept = await y.data();
  const count = kept.reduce((total, value) => total + Number(value !== 0), 0);
  expect(Math.abs(count / 100_000 - 0.7)).toBeLessThan(0.007); // five standard deviations
  expect(new Set(kept)).toEqual(new Set([0, Math.fround(1 / 0.7)]));
  backward(y, full([100_000], 1));
  expect(await x.grad!.data()).toEqual(kept);
  const other = await dropout(x, { probability: 0.3, seed: 5, offset: 10 }).data();
  const both = other.reduce((total, value, i) => total + Number(value !== 0 && kept[i] !== 0), 0);
  expect(Math.abs(both / 100_000 - 0.49)).toBeLessThan(0.008);
});

it('refuses what is no probability or seed', () => {
  const x = full([4], 1);
  expect(() => dropout(x, { probability: 1, seed: 0, offset: 0 })).toThrow(
    '[dropout] probability must be in [0, 1), got 1',
  );
  expect(() => dropout(x, { probability: 0.1, seed: -1, offset: 0 })).toThrow(
    '[dropout] seed must be a whole number',
  );
});
