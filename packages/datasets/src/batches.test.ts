import { describe, expect, it } from 'vitest';
import { batches, batchesPerEpoch } from './batches.js';
import { shuffledIndices } from './shuffled-indices.js';

describe('batches', () => {
  const options = { batchSize: 8, seed: 3 };

  it('visit every sample once an epoch, each epoch in an order of its own', () => {
    const orders = [0, 1].map((epoch) =>
      [...batches(50, { ...options, epoch })].flatMap((batch) => batch.indices),
    );
    for (const order of orders) {
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    }
    expect(orders[0]).not.toEqual(orders[1]);
  });

  it('follow from the seed (golden)', () => {
    expect([...shuffledIndices(8, 0, 0)]).toMatchInlineSnapshot(`
      [
        7,
        3,
        1,
        2,
        0,
        5,
        6,
        4,
      ]
    `);
    expect(shuffledIndices(8, 0, 0)).toEqual(shuffledIndices(8, 0, 0));
    expect(shuffledIndices(100, 1)).not.toEqual(shuffledIndices(100, 2));
  });

  it('go on where they stopped', () => {
    const all = [...batches(50, options)];
    for (const start of [0, 1, 6, 7])
      expect([...batches(50, { ...options, start })]).toEqual(all.slice(start));
  });

  it('may keep the order and leave out the short last batch', () => {
    const sizes = (dropLast: boolean) =>
      [...batches(10, { ...options, dropLast })].map((batch) => batch.indices.length);
    expect(sizes(false)).toEqual([8, 2]);
    expect(sizes(true)).toEqual([8]);
    expect([batchesPerEpoch(10, 8), batchesPerEpoch(10, 8, true), batchesPerEpoch(16, 8)]).toEqual([2, 1, 2]);
    expect([...batches(10, { ...options, ordered: true })].flatMap((batch) => batch.indices)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
  });

  it('have no favourite places', () => {
    // Where index 0 goes, over 8,000 seeds: 7 degrees of freedom, chi-square above 32 less than once in 10,000.
    const places = new Array<number>(8).fill(0);
    for (let seed = 0; seed < 8000; seed++) places[shuffledIndices(8, seed).indexOf(0)]!++;
    expect(places.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0)).toBeLessThan(32);
  });

  it('refuse numbers that mean nothing', () => {
    expect(() => [...batches(10, { batchSize: 0, seed: 0 })]).toThrow(
      '[dataset] batchSize is 0; give a whole number',
    );
    expect(() => [...batches(10, { ...options, start: -1 })]).toThrow('start is -1');
  });
});
