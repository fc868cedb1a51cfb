import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { features, recordBytes, shapeOf } from '../test/feature-numbers.js';
import { FeatureCache } from './feature-cache.js';
import { featureKey } from './feature-key.js';
import { randomFrom } from './random.js';

const temporary = () => mkdtemp(join(tmpdir(), 'ocelli-cache-'));

async function filled(directory: string, from: number, to: number): Promise<void> {
  await using cache = await FeatureCache.open(directory);
  for (let number = from; number < to; number++)
    await cache.put(`key ${number}`, features(number), shapeOf(number));
}

/** How many of the keys are there; every one that is there must be right. */
async function count(directory: string, keys: number): Promise<number> {
  await using cache = await FeatureCache.open(directory);
  let found = 0;
  for (let number = 0; number < keys; number++) {
    const entry = await cache.get(`key ${number}`);
    if (entry === undefined) continue;
    expect(entry).toEqual({ data: features(number), shape: shapeOf(number) });
    found++;
  }
  expect(found).toBe(cache.size);
  return found;
}

describe('FeatureCache', () => {
  it('gives back what was put, now and after reopening', async () => {
    const directory = await temporary();
    const key = featureKey({ encoder: 'vit', processor: '224', media: 'bytes:00' });
    expect(featureKey({ encoder: 'vit2', processor: '24', media: 'bytes:00' })).not.toBe(key);
    await using cache = await FeatureCache.open(directory);
    expect(await cache.get(key)).toBeUndefined();
    await cache.put(key, features(2), [3, 6]);
    await cache.put(key, features(0), [6]);
    expect(await cache.get(key)).toEqual({ data: features(2), shape: [3, 6] });
    expect(cache.has(key)).toBe(true);
    await using again = await FeatureCache.open(directory);
    expect(again.size).toBe(1);
    expect(await again.get(key)).toEqual({ data: features(2), shape: [3, 6] });
  });

  it('keeps every value bit for bit', async () => {
    const values = new Float32Array([Number.NaN, -0, Infinity, 1e-45, Math.fround(0.1)]);
    await using cache = await FeatureCache.open(await temporary());
    await cache.put('x', values, [5]);
    const { data } = (await cache.get('x'))!;
    expect(new Uint32Array(data.buffer)).toEqual(new Uint32Array(values.buffer));
  });

  it('takes many puts at once', async () => {
    const directory = await temporary();
    const cache = await FeatureCache.open(directory);
    await Promise.all(
      Array.from({ length: 500 }, (_, n) => cache.put(`key ${n % 250}`, features(n % 250), shapeOf(n % 250))),
    );
    await cache.close();
    expect(await count(directory, 250)).toBe(250);
    const [shard, ...others] = await readdir(directory);
    expect(others).toEqual([]);
    // 250 records of 80 bytes and 24, 48, 72 bytes of values in turn: none is there twice.
    const bytes = Array.from({ length: 250 }, (_, n) => recordBytes(n)).reduce((a, b) => a + b);
    expect(await readFile(join(directory, shard!))).toHaveLength(bytes);
  });

  it('gives many at once, in any order, from several shards, far apart or together', async () => {
    const directory = await temporary();
    await filled(directory, 0, 40);
    await filled(directory, 40, 60);
    await using cache = await FeatureCache.open(directory);
    await cache.put('large', new Float32Array(2 ** 19).fill(3), [2 ** 19]);
    await cache.put('key 60', features(60), shapeOf(60));
    const numbers = [60, 3, 59, 3, 0, 39, 41, 99, 20];
    const found = await cache.getMany([...numbers.map((number) => `key ${number}`), 'large']);
    expect(found.slice(0, -1)).toEqual(
      numbers.map((n) => (n === 99 ? undefined : { data: features(n), shape: shapeOf(n) })),
    );
    expect(found.at(-1)!.data.every((value) => value === 3)).toBe(true);
  });

  it('survives a file that ends anywhere', async () => {
    const directory = await temporary();
    await filled(directory, 0, 12);
    const [shard] = await readdir(directory);
    const { length } = await readFile(join(directory, shard!));
    const random = randomFrom('cut');
    for (const end of [
      0,
      1,
      79,
      80,
      length - 1,
      ...Array.from({ length: 40 }, () => Math.floor(random() * length)),
    ]) {
      const copy = await temporary();
      await cp(directory, copy, { recursive: true });
      await truncate(join(copy, shard!), end);
      // Records are 80 bytes and 24, 48, 72 bytes of values in turn: those that end before the cut are there.
      let [whole, at] = [0, 0];
      while (whole < 12 && at + recordBytes(whole) <= end) at += recordBytes(whole++);
      expect(await count(copy, 12)).toBe(whole);
      await filled(copy, 0, 12);
      expect(await count(copy, 12)).toBe(12);
      await rm(copy, { recursive: true });
    }
  });

  it('never gives a damaged record, and replaces it for good', async () => {
    const directory = await temporary();
    await filled(directory, 0, 12);
    const path = join(directory, (await readdir(directory))[0]!);
    const bytes = await readFile(path);
    const random = randomFrom('damage');
    for (let trial = 0; trial < 40; trial++) {
      const damaged = Buffer.from(bytes);
      damaged[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(random() * 8);
      await writeFile(path, damaged);
      await using cache = await FeatureCache.open(directory);
      let lost = 0;
      for (let number = 0; number < 12; number++) {
        const entry = await cache.get(`key ${number}`);
        if (entry === undefined) lost++;
        else expect(entry).toEqual({ data: features(number), shape: shapeOf(number) });
      }
      // A damaged header hides what follows it in its shard.
      expect(lost).toBeGreaterThanOrEqual(1);
    }
    // Last damage stays: put again what is lost, and it is there ever after.
    await using cache = await FeatureCache.open(directory);
    for (let number = 0; number < 12; number++) {
      await cache.get(`key ${number}`);
      await cache.put(`key ${number}`, features(number), shapeOf(number));
    }
    expect(await count(directory, 12)).toBe(12);
  });

  it('survives the kill of a process that writes, and shares a folder with it', async () => {
    const directory = await temporary();
    const script = fileURLToPath(new URL('../test/write-forever.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', script, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    await using cache = await FeatureCache.open(directory);
    await cache.put('key 0', features(0), shapeOf(0));
    expect(await cache.get('child 20')).toEqual({ data: new Float32Array(1000).fill(20), shape: [10, 100] });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const before = cache.size;
    await cache.refresh();
    expect(cache.size).toBeGreaterThanOrEqual(before);
    for (let number = 0; number < cache.size - 1; number++) {
      expect((await cache.get(`child ${number}`))!.data).toEqual(new Float32Array(1000).fill(number));
    }
    await using again = await FeatureCache.open(directory);
    expect(again.size).toBe(cache.size);
    expect(await readdir(directory)).toHaveLength(2);
  });

  it('says when the disk cannot be used, and goes on when it can again', async () => {
    const directory = await temporary();
    const file = join(directory, 'file');
    await writeFile(file, '');
    await expect(FeatureCache.open(join(file, 'cache'))).rejects.toThrow(
      `[dataset] cannot use the feature cache ${join(file, 'cache')} (ENOTDIR`,
    );
    const gone = join(directory, 'gone');
    await using cache = await FeatureCache.open(gone);
    await rm(gone, { recursive: true });
    await expect(cache.put('a', features(0), [6])).rejects.toThrow(
      `cannot write to the feature cache ${gone} (ENOENT`,
    );
    const several = ['b', 'c'].map((key) => cache.put(key, features(0), [6]));
    for (const { status } of await Promise.allSettled(several)) expect(status).toBe('rejected');
    await FeatureCache.open(gone);
    await cache.put('a', features(0), [6]);
    expect(await cache.get('a')).toEqual({ data: features(0), shape: [6] });
  });

  it('refuses a shape that does not fit', async () => {
    await using cache = await FeatureCache.open(await temporary());
    await expect(cache.put('a', features(0), [2, 2])).rejects.toThrow(
      '[dataset] features of shape [2, 2] cannot have 6 values',
    );
    await expect(cache.put('a', new Float32Array(0), [0])).rejects.toThrow('shape [0]');
  });
});
