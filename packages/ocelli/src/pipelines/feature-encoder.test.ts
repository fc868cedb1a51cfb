import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FeatureCache, type ImageSource, type Media } from '@ocelli/datasets';
import { Random } from '@ocelli/ops';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeTinyBackbones } from '../../test/tiny-backbones.js';
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
    for (const [i, value] of alone.row(item).entries()) expect(together.row(item)[i]).toBeCloseTo(value, 4);
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
