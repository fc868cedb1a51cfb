import { expect, it } from 'vitest';
import { currentDevice } from './open-device.js';
import { PeakMeter } from './peak-meter.js';
import { run } from './run.js';
import { empty, tensor } from './tensor.js';

it('multiplies and adds in every lane of every chain', async () => {
  const sums = empty([5]);
  run('peak_arithmetic', [sums, empty([1])], [5, 1000]);
  // An even number of rounds of a = 1 - a gives the first values back: 1/16 .. 12/16 in each lane.
  expect(await sums.data()).toEqual(new Float32Array(5).fill((currentDevice().native.vectorWidth * 78) / 16));
  run('peak_arithmetic', [sums, empty([1])], [5, 1001]);
  expect(await sums.data()).toEqual(
    new Float32Array(5).fill(currentDevice().native.vectorWidth * (12 - 78 / 16)),
  );
});

it('reads and copies everything that it counts', async () => {
  const n = 2 * 65536 + 77;
  const x = tensor(Array.from({ length: n }, (_, i) => i % 7));
  const sums = empty([6]);
  const seconds = empty([1]);
  run('peak_read', [x, sums, seconds], [n, 2]);
  const total = (await sums.data()).reduce((a, b) => a + b, 0);
  expect(total).toBe(2 * (await x.data()).reduce((a, b) => a + b, 0));
  expect(await seconds.item()).toBeGreaterThan(0);
  const copied = empty([n]);
  run('peak_copy', [x, copied, seconds], [n, 1]);
  expect(await copied.data()).toEqual(await x.data());
});

it('gives rates, and its memory back', async () => {
  const before = currentDevice().native.memory().allocated;
  {
    using meter = new PeakMeter({ bufferBytes: 2 ** 20 });
    for (let i = 0; i < 3; i++) {
      for (const measure of [
        () => meter.arithmetic(),
        () => meter.read(),
        () => meter.read(8),
        () => meter.copy(),
        () => meter.copy(1e5),
      ]) {
        // Wrong by a unit, it would not lie between a megabyte and a petabyte per second.
        const rate = await measure();
        expect(rate).toBeGreaterThan(1e6);
        expect(rate).toBeLessThan(1e15);
      }
    }
  }
  expect(currentDevice().native.memory().allocated).toBeLessThanOrEqual(before);
});

it('refuses a buffer that any cache holds', () => {
  expect(() => new PeakMeter({ bufferBytes: 1000 })).toThrow('bufferBytes must be at least 1 MiB, got 1000');
});
