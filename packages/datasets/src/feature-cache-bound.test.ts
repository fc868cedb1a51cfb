import { mkdtemp, readdir, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { features, recordBytes, shapeOf } from '../test/feature-numbers.js';
import { FeatureCache, type FeatureCacheOptions } from './feature-cache.js';

const temporary = () => mkdtemp(join(tmpdir(), 'ocelli-cache-bound-'));

/** Puts features of some numbers one after another; gives the numbers that were kept. */
async function fill(
  directory: string,
  numbers: readonly number[],
  options: FeatureCacheOptions = {},
): Promise<number[]> {
  await using cache = await FeatureCache.open(directory, options);
  const kept: number[] = [];
  for (const number of numbers)
    if (await cache.put(`key ${number}`, features(number), shapeOf(number))) kept.push(number);
  return kept;
}

/** Which of the numbers are there; all that are there must be right. */
async function present(directory: string, count: number): Promise<number[]> {
  await using cache = await FeatureCache.open(directory);
  const found = await cache.getMany(Array.from({ length: count }, (_, number) => `key ${number}`));
  return found.flatMap((entry, number) => {
    if (entry === undefined) return [];
    expect(entry).toEqual({ data: features(number), shape: shapeOf(number) });
    return [number];
  });
}

async function bytesOf(directory: string): Promise<number> {
  const sizes = (await readdir(directory)).map(async (name) => (await stat(join(directory, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Makes what is there now look as if it had been used a day earlier. */
async function age(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const then = new Date((await stat(join(directory, name))).mtimeMs - 86_400_000);
    await utimes(join(directory, name), then, then);
  }
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
/** Room for so many records of one after another, whose mean is 128 bytes. */
const room = (records: number) => records * recordBytes(1);

describe('a feature cache with a bound', () => {
  it('keeps the first part of a set that is too large, at the first run and at every other', async () => {
    const directory = await temporary();
    const kept = await fill(directory, range(0, 100), { maxBytes: room(48) });
    expect(kept.slice(0, 47)).toEqual(range(0, 47));
    expect(kept.length).toBeLessThan(50);
    expect(await bytesOf(directory)).toBeLessThanOrEqual(room(48));
    for (let run = 0; run < 2; run++) {
      await age(directory);
      await using cache = await FeatureCache.open(directory, { maxBytes: room(48) });
      let hits = 0;
      for (const number of range(0, 100)) {
        if (await cache.get(`key ${number}`)) hits++;
        else await cache.put(`key ${number}`, features(number), shapeOf(number));
      }
      expect(hits).toBe(kept.length);
      expect(await cache.bytes()).toBe(await bytesOf(directory));
    }
    expect(await present(directory, 100)).toEqual(kept);
  });

  it('makes room by what was not used for longest, reading counted', async () => {
    const directory = await temporary();
    await fill(directory, range(0, 20));
    await fill(directory, range(20, 40));
    await age(directory);
    // The older half is used by a run in between, which other runs see by its time.
    await using reader = await FeatureCache.open(directory);
    expect(await reader.get('key 3')).toBeDefined();
    expect(await fill(directory, range(40, 60), { maxBytes: room(45) })).toEqual(range(40, 60));
    expect(await present(directory, 60)).toEqual([...range(0, 20), ...range(40, 60)]);
    expect(await bytesOf(directory)).toBeLessThanOrEqual(room(45));
    // What the run still has open it may still read; what it looks for anew is missing, and no error.
    expect(await reader.get('key 4')).toBeDefined();
    await reader.refresh();
    expect(await reader.get('key 25')).toBeUndefined();
    expect(reader.size).toBe(40);
  });

  it('lets go of what is over a bound that was lowered, when it is opened', async () => {
    const directory = await temporary();
    for (let shard = 0; shard < 5; shard++) await fill(directory, range(10 * shard, 10 * shard + 10));
    await using cache = await FeatureCache.open(directory, { maxBytes: room(25) });
    expect(cache.size).toBe(20);
    expect(await present(directory, 50)).toEqual(range(30, 50));
    expect(await cache.bytes()).toBeLessThanOrEqual(room(25));
  });

  it('writes elsewhere when another process has removed the file that it writes to', async () => {
    const directory = await temporary();
    await using writer = await FeatureCache.open(directory);
    await writer.put('key 0', features(0), shapeOf(0));
    await writer.put('key 1', features(1), shapeOf(1));
    expect(await fill(directory, range(2, 10), { maxBytes: room(9) })).toHaveLength(8);
    expect(await present(directory, 10)).toEqual(range(2, 10));
    expect(await writer.put('key 0', features(0), shapeOf(0))).toBe(true); // for all it knows it is there
    expect(await writer.put('key 10', features(10), shapeOf(10))).toBe(true);
    expect(await present(directory, 11)).toEqual(range(2, 11));
    expect(writer.has('key 0')).toBe(false);
    expect(await writer.put('key 0', features(0), shapeOf(0))).toBe(true);
    expect(await present(directory, 11)).toEqual([0, ...range(2, 11)]);
    expect(await writer.get('key 10')).toEqual({ data: features(10), shape: shapeOf(10) });
  });

  it('forgets a removed file that it only wrote to, once it has looked', async () => {
    const directory = await temporary();
    await using writer = await FeatureCache.open(directory);
    await writer.put('key 0', features(0), shapeOf(0));
    await fill(directory, range(2, 10), { maxBytes: room(8) });
    await writer.refresh();
    expect(writer.has('key 0')).toBe(false);
    expect(writer.has('key 9')).toBe(true);
  });

  it('keeps nothing that is larger than itself, and removes nothing for it', async () => {
    const directory = await temporary();
    await fill(directory, range(0, 10));
    await using cache = await FeatureCache.open(directory, { maxBytes: room(20) });
    expect(await cache.put('large', new Float32Array(1000), [1000])).toBe(false);
    expect(await cache.get('large')).toBeUndefined();
    expect(await present(directory, 10)).toEqual(range(0, 10));
  });
});

describe('a feature cache of bfloat16', () => {
  it('keeps values in half the room, rounded as it says', async () => {
    const directory = await temporary();
    const values = Float32Array.from({ length: 100 }, (_, i) => Math.sin(i));
    await using cache = await FeatureCache.open(directory, { dtype: 'bfloat16' });
    await cache.put('x', values, [100]);
    const { data } = (await cache.get('x'))!;
    expect(data).toEqual(cache.asKept(values));
    expect(cache.asKept(data)).toEqual(data);
    for (const [i, value] of values.entries()) {
      expect(Math.abs(data[i]! - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -8);
    }
    expect(await cache.bytes()).toBe(80 + 200);
  });

  it('and one of float32 in the same folder do not see each other', async () => {
    const directory = await temporary();
    await using exact = await FeatureCache.open(directory);
    await exact.put('x', Float32Array.of(0.1), [1]);
    await using rounded = await FeatureCache.open(directory, { dtype: 'bfloat16' });
    expect(rounded.has('x')).toBe(false);
    expect(rounded.size).toBe(0);
    await rounded.put('x', Float32Array.of(0.1), [1]);
    await using again = await FeatureCache.open(directory);
    expect(again.size).toBe(1);
    expect((await again.get('x'))!.data).toEqual(Float32Array.of(0.1));
    expect((await rounded.get('x'))!.data).not.toEqual(Float32Array.of(0.1));
    expect(exact.asKept(Float32Array.of(0.1))).toEqual(Float32Array.of(0.1));
  });
});
