import fc from 'fast-check';
import { expect, it } from 'vitest';
import { batches } from './batches.js';
import { windowedOrder } from './windowed-order.js';

const runs = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 }),
    fc.integer({ min: 1, max: 7 }),
  )
  .map(([sizes, kept]) => ({
    length: sizes.reduce((sum, size) => sum + size, 0),
    runs: { starts: sizes.map((_, run) => sizes.slice(0, run).reduce((sum, size) => sum + size, 0)), kept },
  }));

it('gives every index once, from any place on', () => {
  fc.assert(
    fc.property(runs, fc.nat(5), fc.nat(200), ({ runs, length }, seed, from) => {
      const order = [...windowedOrder(runs, length, seed, 0, 0)];
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length }, (_, index) => index));
      expect([...windowedOrder(runs, length, seed, 0, from)]).toEqual(order.slice(from));
    }),
  );
});

it('enters each run once', () => {
  const starts = Array.from({ length: 100 }, (_, run) => run * 10);
  const order = [...windowedOrder({ starts, kept: 4 }, 1000, 1, 0, 0)];
  for (let window = 0; window < 25; window++) {
    const entered = new Set(
      order.slice(window * 40, window * 40 + 40).map((index) => Math.floor(index / 10)),
    );
    expect(entered.size).toBe(4);
  }
  expect(order).not.toEqual([...windowedOrder({ starts, kept: 4 }, 1000, 1, 1, 0)]);
  expect(order).not.toEqual([...windowedOrder({ starts, kept: 4 }, 1000, 2, 0, 0)]);
});

it('is what batches take', () => {
  const runs = { starts: [0, 4, 8], kept: 2 };
  const indices = [...batches(10, { batchSize: 3, seed: 0, runs })].map((batch) => batch.indices);
  expect(indices.flat()).toEqual([...windowedOrder(runs, 10, 0, 0, 0)]);
  expect([...batches(10, { batchSize: 3, seed: 0, runs, start: 2 })].map((batch) => batch.indices)).toEqual(
    indices.slice(2),
  );
});
