import { randomFrom } from './random.js';
import type { Runs } from './sample.js';
import { shuffledIndices } from './shuffled-indices.js';

/**
 * All indices of a data set once, in an order that reads each run once: the runs are shuffled, and of every `kept` runs
 * in that order the samples are shuffled together. It follows from seed and epoch and can be entered at any place.
 * Memory: 4 bytes a run, and one window.
 *
 * @param from number of indices to leave out.
 */
export function* windowedOrder(
  { starts, kept }: Runs,
  length: number,
  seed: number,
  epoch: number,
  from: number,
): Generator<number> {
  const order = shuffledIndices(starts.length, seed, epoch);
  const sizeOf = (run: number): number => (starts[run + 1] ?? length) - starts[run]!;
  let passed = 0;
  for (let first = 0; first < order.length; first += kept) {
    const runs = order.subarray(first, first + kept);
    const size = runs.reduce((sum, run) => sum + sizeOf(run), 0);
    if (passed + size > from) {
      const places = new Float64Array(size);
      let at = 0;
      for (const run of runs) for (let i = 0; i < sizeOf(run); i++) places[at++] = starts[run]! + i;
      shuffle(places, randomFrom(`window/${seed}/${epoch}/${first}`));
      for (let i = Math.max(0, from - passed); i < size; i++) yield places[i]!;
    }
    passed += size;
  }
}

/** Fisher-Yates. */
function shuffle(values: Float64Array, random: () => number): void {
  for (let last = values.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const value = values[last]!;
    values[last] = values[other]!;
    values[other] = value;
  }
}
