import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { batches } from '../batches.js';
import { lineRunSource } from '../formats/jsonl.js';
import type { ByteSource } from './byte-source.js';
import { runDataset } from './run-dataset.js';

const rows = 10_000_000;
const line = '{"id":"r0000000","image":"0.jpg","caption":"c"}\n';
const digits = line.indexOf('0');

/** Lines that are made when they are read. */
const source: ByteSource = {
  name: 'rows.jsonl',
  size: rows * line.length,
  async read(start, end) {
    const first = Math.floor(start / line.length);
    const last = Math.ceil(Math.min(end, rows * line.length) / line.length);
    const bytes = Buffer.alloc((last - first) * line.length, line);
    for (let row = first; row < last; row++) {
      let rest = row;
      for (
        let place = (row - first) * line.length + digits + 6;
        rest > 0;
        place--, rest = Math.floor(rest / 10)
      ) {
        bytes[place] = 0x30 + (rest % 10);
      }
    }
    const from = start - first * line.length;
    return bytes.subarray(from, from + Math.min(end, rows * line.length) - start);
  },
};

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes in use after a collection, on the heap and in buffers. */
function memory(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe('ten million rows', () => {
  it('are opened, ordered and read in bounded memory', { timeout: 300_000 }, async () => {
    const before = memory();
    const dataset = runDataset(await lineRunSource(source, { media: '' }));
    expect(dataset).toHaveLength(rows);
    // 24 bytes for every 64 lines are 3.8 MB; the rest is the last piece that was read and compiled code.
    expect(memory() - before).toBeLessThan(16 * 2 ** 20);
    for (const index of [0, 63, 64, 4_999_999, rows - 1]) {
      expect((await dataset.sample(index)).id).toBe(`r${String(index).padStart(7, '0')}`);
    }

    // Every index once, in an order that follows from the seed.
    const seen = new Uint8Array(rows);
    const options = { batchSize: 1000, seed: 3, runs: dataset.runs };
    let largest = 0;
    let inPlace = 0;
    const middle: (readonly number[])[] = [];
    for (const { number, indices } of batches(rows, options)) {
      for (const [i, index] of indices.entries()) {
        seen[index]!++;
        if (index === number * 1000 + i) inPlace++;
      }
      if (number % 1000 === 0) largest = Math.max(largest, memory());
      if (number >= 7000 && number < 7003) middle.push(indices);
    }
    expect(seen.every((count) => count === 1)).toBe(true);
    expect(inPlace).toBeLessThan(rows / 1000);
    // A window of 65,536 indices (0.5 MB), the order of runs (0.6 MB), and the test's own 10 MB.
    expect(largest - before).toBeLessThan(32 * 2 ** 20);

    // A run that was stopped goes on at any place.
    const resumed = batches(rows, { ...options, start: 7000 });
    expect([1, 2, 3].map(() => resumed.next().value!.indices)).toEqual(middle);

    // Reading in this order keeps the 1,024 runs that were used last, and reads each run once.
    let reads = 0;
    const counting: ByteSource = {
      ...source,
      read: (start, end) => {
        reads++;
        return source.read(start, end);
      },
    };
    const counted = runDataset(await lineRunSource(counting, { media: '' }));
    reads = 0;
    let read = 0;
    largest = 0;
    for (const { number, indices } of batches(rows, { ...options, runs: counted.runs })) {
      if (number === 200) break;
      for (const sample of await Promise.all(indices.map((index) => counted.sample(index)))) {
        if (sample.text.captions?.[0] === 'c') read++;
      }
      if (number % 50 === 49) largest = Math.max(largest, memory());
    }
    expect(read).toBe(200_000);
    expect(reads).toBeLessThanOrEqual(Math.ceil(200_000 / 65_536) * 1024);
    expect(largest - before).toBeLessThan(160 * 2 ** 20);
  });
});
