import { concepts } from '@ocelli/emoji-scenes';
import { Random } from '@ocelli/ops';
import { expect, it } from 'vitest';
import { recolouring, variedCopy } from './augmentation.js';
import { defaultOptions } from './options.js';
import { renderBatch } from './pictures.js';

const labels = new Map(concepts('harder').map(({ id }, index) => [id, index]));
const augmentation = { variation: 1, drawings: new Map<number, never[]>() };

it('shows one copy in the quarter that it names, and labels the patches under it', async () => {
  const random = new Random(1);
  const batch = await renderBatch('train', 0, 24, defaultOptions, labels, {
    ...augmentation,
    single: true,
    random,
  });
  const grid = defaultOptions.imageSize / defaultOptions.patchSize;
  for (const [picture, quarter] of batch.quarters!.entries()) {
    expect(batch.counts[picture]).toBe(0);
    const patches = batch.patches.subarray(picture * grid * grid, (picture + 1) * grid * grid);
    const covered = [...patches.keys()].filter((patch) => patches[patch] === batch.concepts[picture]);
    for (const patch of covered) {
      const [x, y] = [patch % grid, Math.floor(patch / grid)];
      // A varied copy may reach one patch over the border.
      expect(Math.abs(x - [1, 4][quarter & 1]!)).toBeLessThanOrEqual(2);
      expect(Math.abs(y - [1, 4][quarter >> 1]!)).toBeLessThanOrEqual(2);
    }
    expect(covered.length).toBeGreaterThanOrEqual(4);
  }
});

it('leaves pictures alone without augmentation', async () => {
  const [one, same] = [
    await renderBatch('validation', 5, 2, defaultOptions, labels),
    await renderBatch('validation', 5, 2, defaultOptions, labels),
  ];
  expect(one).toEqual(same);
  expect(one!.quarters).toBeNull();
});

it('puts copies upright in the middle of their quarters at variation 0', () => {
  const random = new Random(2);
  const copy = variedCopy({ x: 14, y: 50, size: 31, rotation: 4 }, 0, random);
  expect(copy).toEqual({ x: 16, y: 48, size: 29.5, rotation: 0, mirrored: false, stretch: 1 });
  const colour = [0.2, 0.4, 0.6] as const;
  for (const [i, value] of recolouring(0, false, random)(...colour, 0.5, -0.5).entries()) {
    expect(value).toBeCloseTo(colour[i]!, 6);
  }
});

it('fills a silhouette with one colour', () => {
  const recolour = recolouring(0, true, new Random(3));
  const fill = recolour(0, 0, 0, 0, 0);
  expect(Math.max(...fill)).toBeGreaterThan(0.1);
  expect(recolour(0, 0, 0, 1, 1)).toEqual(fill);
  expect(recolour(1, 1, 1, 0, 0)).toEqual([1, 1, 1]);
});
