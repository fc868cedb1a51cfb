import { expect, test } from 'vitest';
import { linear } from '../ops/linear.js';
import { device } from './device.js';
import { scope } from './scope.js';
import { tensor, zeros } from './tensor.js';

test('a profile counts the calls of each kernel and size while it is on', async () => {
  using x = zeros([5, 8]);
  using wide = zeros([5, 16]);
  using weight = zeros([3, 8]);
  using wideWeight = zeros([3, 16]);
  scope(() => void linear(x, weight)); // before the start: not counted
  await device.startProfile();
  const begin = performance.now();
  scope(() => {
    for (let i = 0; i < 4; i++) linear(x, weight);
    linear(wide, wideWeight);
    tensor([1, 2, 3]);
  });
  const rows = await device.stopProfile();
  const elapsed = performance.now() - begin;

  const calls = rows.filter(({ kernel }) => kernel === 'matmul').map((row) => row.calls);
  expect(calls.sort()).toEqual([1, 4]);
  expect(rows.filter(({ kernel }) => kernel === 'write').map((row) => row.calls)).toEqual([1]);
  const sum = rows.reduce((total, { milliseconds }) => total + milliseconds, 0);
  expect(sum).toBeGreaterThan(0);
  expect(sum).toBeLessThanOrEqual(elapsed); // the queue runs one command at a time
  expect(rows.map(({ milliseconds }) => milliseconds)).toEqual(
    rows.map(({ milliseconds }) => milliseconds).sort((a, b) => b - a),
  );

  scope(() => void linear(x, weight));
  expect(await device.stopProfile()).toEqual([]); // off again
});

test('a new profile drops what the one before gathered', async () => {
  using x = zeros([2, 2]);
  await device.startProfile();
  scope(() => void linear(x, x));
  await device.startProfile();
  expect(await device.stopProfile()).toEqual([]);
});
