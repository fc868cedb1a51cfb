import { Random } from '@ocelli/ops';
import { describe, expect, it } from 'vitest';
import { ExampleOrder, type OrderOptions } from './order.js';
import type { OrderContext } from './task.js';

function take(order: ExampleOrder, batches: number): number[][] {
  return Array.from({ length: batches }, () => [...order.next()]);
}

const lengths = Array.from({ length: 103 }, (_, i) => 1 + ((i * 37) % 61));
const variants: [string, OrderOptions][] = [
  ['shuffled', { length: 103, batchSize: 8, seed: 5 }],
  ['by similar length', { length: 103, batchSize: 8, seed: 5, lengths, windowBatches: 4 }],
];

describe.each(variants)('order, %s', (_, options) => {
  it('goes through every example once in each epoch', () => {
    const order = new ExampleOrder(options);
    expect(order.batchesPerEpoch).toBe(13);
    for (let epoch = 0; epoch < 3; epoch++) {
      const batches = take(order, 13);
      expect(batches.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 103 }, (_, i) => i));
      expect(batches.map((batch) => batch.length).sort((a, b) => a - b)).toEqual([7, ...Array(12).fill(8)]);
    }
  });

  it('differs between epochs and seeds, not between runs', () => {
    const first = take(new ExampleOrder(options), 26);
    expect(take(new ExampleOrder(options), 26)).toEqual(first);
    expect(first.slice(13)).not.toEqual(first.slice(0, 13));
    expect(take(new ExampleOrder({ ...options, seed: 6 }), 26)).not.toEqual(first);
  });

  it('goes on from any saved position', () => {
    const all = take(new ExampleOrder(options), 40);
    for (const position of [0, 1, 12, 13, 14, 39]) {
      const order = new ExampleOrder(options);
      take(order, position);
      const state = JSON.parse(JSON.stringify(order.state()));
      const resumed = new ExampleOrder(options);
      resumed.restore(state);
      expect(take(resumed, 40 - position)).toEqual(all.slice(position));
    }
  });

  it('can leave out what fills no batch', () => {
    const order = new ExampleOrder({ ...options, dropLast: true });
    const batches = take(order, 12);
    expect(batches.every((batch) => batch.length === 8)).toBe(true);
    expect(new Set(batches.flat()).size).toBe(96);
    expect(order.batchesPerEpoch).toBe(12);
  });
});

describe('order', () => {
  it('puts examples of similar length together, and batches in no order of length', () => {
    const random = new Random(1);
    const many = Array.from({ length: 4000 }, () => 1 + random.integer(100));
    const spread = (batches: number[][]): number => {
      const padded = batches.map((batch) => Math.max(...batch.map((i) => many[i]!)) * batch.length);
      return padded.reduce((a, b) => a + b) / many.reduce((a, b) => a + b);
    };
    const common = { length: 4000, batchSize: 16, seed: 3 };
    const plain = spread(take(new ExampleOrder(common), 250));
    const sorted = take(new ExampleOrder({ ...common, lengths: many }), 250);
    expect(plain).toBeGreaterThan(1.7);
    expect(spread(sorted)).toBeLessThan(1.05);
    const means = sorted.map((batch) => many[batch[0]!]!);
    const rising = means.filter((mean, i) => i > 0 && mean > means[i - 1]!).length;
    expect(rising).toBeGreaterThan(80);
    expect(rising).toBeLessThan(170);
  });

  it('says what does not fit', () => {
    const order = new ExampleOrder({ length: 10, batchSize: 2, seed: 1 });
    const state = { ...order.state(), seed: 4 };
    expect(() => order.restore(state)).toThrow(
      '[order] saved with seed 4, but seed is now 1; the order would differ',
    );
    expect(() => new ExampleOrder({ length: 0, batchSize: 2, seed: 1 })).toThrow(
      'length must be a whole number from 1, got 0',
    );
    expect(() => new ExampleOrder({ length: 3, batchSize: 4, seed: 1, dropLast: true })).toThrow(
      'take a smaller batch',
    );
    expect(() => new ExampleOrder({ length: 3, batchSize: 1, seed: 1, lengths: [1] })).toThrow(
      '1 entries for 3 examples',
    );
  });
});

describe('an order of its own', () => {
  /** Counts up from the first index of the batch, so that every batch tells where it was asked for. */
  const batches = ({ batchSize, epoch, start }: OrderContext): Iterator<readonly number[]> =>
    (function* () {
      for (let number = start; number < 5; number++)
        yield Array.from({ length: batchSize }, (_, i) => 100 * epoch + number * batchSize + i);
    })();
  const make = (own = batches): ExampleOrder =>
    new ExampleOrder({ length: 10, batchSize: 2, seed: 0, batches: own });

  it('is followed from epoch to epoch, and entered anywhere', () => {
    const whole = make();
    const all = Array.from({ length: 12 }, () => whole.next());
    expect(all[4]).toEqual([8, 9]);
    expect(all[5]).toEqual([100, 101]);
    for (const position of [11, 3, 4, 5, 0, 0]) expect(make().batchAt(position)).toEqual(all[position]);
    const again = make();
    again.restore({ ...whole.state(), position: 7 });
    expect([again.next(), again.next()]).toEqual(all.slice(7, 9));
  });

  it('is asked for once an epoch, and not continued by another', () => {
    let asked = 0;
    const order = make((context) => {
      asked++;
      return batches(context);
    });
    for (let i = 0; i < 10; i++) order.next();
    expect(asked).toBe(2);
    const shuffled = new ExampleOrder({ length: 10, batchSize: 2, seed: 0 });
    expect(() => shuffled.restore(order.state())).toThrow(
      'saved with source task, but source is now undefined',
    );
    expect(() => order.restore(shuffled.state())).toThrow('saved with source undefined');
  });

  it('has to give every example', () => {
    const order = make(() => [[0, 1]].values());
    order.next();
    expect(() => order.next()).toThrow('ends before batch 1 of the 5 of an epoch');
  });
});
