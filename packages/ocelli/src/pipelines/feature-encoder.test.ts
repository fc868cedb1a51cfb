import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FeatureCache, type FeatureCacheOptions, type ImageSource, type Media } from '@ocelli/datasets';
import { Random } from '@ocelli/ops';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeTinyBackbones } from '../../test/tiny-backbones.js';
import type { EncodeCounts } from './encode-counts.js';
import { FeatureEncoder } from './feature-encoder.js';
import { locateBackbones } from './locate-backbones.js';
import { type Backbones, openBackbones } from './open-backbones.js';

const root = mkdtempSync(join(tmpdir(), 'ocelli-features-'));
let backbones: Backbones;

beforeAll(async () => {
  backbones = openBackbones(await locateBackbones(await makeTinyBackbones(root)));
});
afterAll(() => backbones.dispose());

function picture(seed: number): { image: ImageSource } {
  const random = new Random(seed);
  const data = Uint8Array.from({ length: 16 * 16 * 3 }, () => random.integer(256));
  return { image: { kind: 'pixels', data, width: 16, height: 16, channels: 3 } };
}

test('the features of a picture do not depend on its batch', async () => {
  const images = [1, 2, 3, 4, 5].map(picture);
  const request = { layers: 2, tokens: 'class' } as const;
  const alone = await new FeatureEncoder({ ...backbones, batchSize: 1 }).encode(images, request);
  const together = await new FeatureEncoder({ ...backbones, batchSize: 4 }).encode(images, request);
  for (const [item] of images.entries()) {
    for (const [i, value] of alone.row(item).entries()) expect(together.row(item)[i]).toBe(value);
  }
});

test('what is cached is not drawn again, and equals what was computed', async () => {
  let drawn = 0;
  const images = [1, 2, 3].map((seed): Media => {
    const { kind: _, ...pixels } = picture(seed).image as Extract<ImageSource, { kind: 'pixels' }>;
    const image: ImageSource = {
      kind: 'rendered',
      key: `test/${seed}`,
      render: async () => {
        drawn++;
        return pixels;
      },
    };
    return { image };
  });
  const run = async (layers: number) => {
    await using cache = await FeatureCache.open(join(root, 'cache'));
    return await new FeatureEncoder({ ...backbones, cache }).encode(images, { layers, tokens: 'class' });
  };
  const first = await run(2);
  expect(drawn).toBe(3);
  const second = await run(1); // class tokens of all blocks are kept, so this is served too
  expect(drawn).toBe(3);
  for (const [item] of images.entries()) expect(second.row(item)).toEqual(first.row(item));
});

test('counts what it finds and what it computes, the same picture in one batch once', async () => {
  await using cache = await FeatureCache.open(join(root, 'counted'));
  const encoder = new FeatureEncoder({ ...backbones, cache, batchSize: 4 });
  const request = { layers: 2, tokens: 'class' } as const;
  const run = async (images: readonly Media[], onBroken?: () => void) => {
    const seen: EncodeCounts[] = [];
    const table = await encoder.encode(images, request, {
      onProgress: (_done, _total, counts) => void seen.push(counts),
      ...(onBroken && { onBroken }),
    });
    return { table, seen };
  };
  const images = [1, 1, 2, 1, 2, 3].map(picture);
  const { table, seen } = await run(images);
  expect(seen).toEqual([
    { hits: 2, computed: 2, broken: 0, unkept: 0 },
    { hits: 3, computed: 3, broken: 0, unkept: 0 },
  ]);
  expect(table.row(1)).toEqual(table.row(0));
  const alone = await new FeatureEncoder(backbones).encode(images, request);
  for (const [item] of images.entries()) expect(table.row(item)).toEqual(alone.row(item));
  const broken: Media = { image: { kind: 'bytes', data: Uint8Array.of(1, 2, 3) } };
  let named = 0;
  const again = await run([picture(1), broken, picture(4), broken], () => void named++);
  expect(again.seen).toEqual([{ hits: 1, computed: 1, broken: 2, unkept: 0 }]);
  expect(named).toBe(2);
  expect(again.table.has(3)).toBe(false);
  // Another process adds what this one finds without opening the cache again.
  await using other = await FeatureCache.open(join(root, 'counted'));
  await new FeatureEncoder({ ...backbones, cache: other }).encode([picture(9)], request);
  expect((await run([picture(9)])).seen).toEqual([{ hits: 1, computed: 0, broken: 0, unkept: 0 }]);
});

test('a rounded cache gives the same features at once and later, and a full one all of them', async () => {
  const images = [1, 2, 3].map(picture);
  const request = { layers: 2, tokens: 'class' } as const;
  const run = async (directory: string, options: FeatureCacheOptions) => {
    await using cache = await FeatureCache.open(join(root, directory), options);
    let counts: EncodeCounts | null = null;
    const table = await new FeatureEncoder({ ...backbones, cache }).encode(images, request, {
      onProgress: (_done, _total, soFar) => {
        counts = soFar;
      },
    });
    return { rows: images.map((_, item) => table.row(item)), counts };
  };
  const exact = await run('exact', {});
  const rounded = await run('rounded', { dtype: 'bfloat16' });
  const read = await run('rounded', { dtype: 'bfloat16' });
  expect(read.counts).toMatchObject({ hits: 3, computed: 0 });
  expect(read.rows).toEqual(rounded.rows);
  expect(rounded.rows).not.toEqual(exact.rows);
  const full = await run('full', { maxBytes: 100 });
  expect(full).toEqual({ rows: exact.rows, counts: { hits: 0, computed: 3, broken: 0, unkept: 3 } });
});

test('stops at its signal', async () => {
  const encode = new FeatureEncoder(backbones).encode(
    [picture(1)],
    { layers: 1, tokens: 'class' },
    {
      signal: AbortSignal.abort(new Error('enough')),
    },
  );
  await expect(encode).rejects.toThrow('enough');
});
