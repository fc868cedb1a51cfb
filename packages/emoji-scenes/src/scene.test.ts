import { describe, expect, it } from 'vitest';
import { artists, unseenArtists } from './artists.js';
import { colourNames } from './colours.js';
import { concepts } from './concepts.js';
import { isBackgroundHeldOut, isCountHeldOut, isHeldOut } from './held-out.js';
import { type Copy, canvasUnits } from './placement.js';
import { parseSampleId, sampleId } from './sample-id.js';
import { artistsOf, type Scene, sceneOf, splits } from './scene.js';

const scenes = (prefix: string, count: number): Scene[] =>
  Array.from({ length: count }, (_, i) => sceneOf(`${prefix}/${String(i).padStart(6, '0')}`));

/** Corners of a copy's turned square. */
function corners({ x, y, size, rotation }: Copy): [number, number][] {
  const angle = (rotation * Math.PI) / 180;
  const [c, s] = [(Math.cos(angle) * size) / 2, (Math.sin(angle) * size) / 2];
  return [
    [x + c - s, y + s + c],
    [x + c + s, y + s - c],
    [x - c + s, y - s - c],
    [x - c - s, y - s + c],
  ];
}

describe('scenes', () => {
  it('follow from the id alone (golden)', () => {
    const first = sceneOf('demo/train/000123');
    expect(first).toMatchObject({
      artist: 'twemoji',
      concept: { label: 'banana' },
      count: 2,
      background: { name: 'gray', rgb: [161, 171, 171] },
    });
    expect(first.copies[0]!.x).toBeCloseTo(47.9679175745512, 9);
    expect(first.copies[1]!.rotation).toBeCloseTo(1.1518920121874963, 9);
    expect(sceneOf('demo/unseen-artist/000042')).toMatchObject({
      artist: 'fluent-emoji-flat',
      concept: { label: 'turtle' },
      count: 2,
      background: { name: 'red', rgb: [200, 48, 46] },
    });
    expect(sceneOf('harder/unseen-pair/000007')).toMatchObject({
      artist: 'fxemoji',
      concept: { label: 'alarm clock' },
      count: 4,
      background: { name: 'gray', rgb: [157, 153, 157] },
    });
  });

  it('keep the artists of the splits apart', () => {
    expect([...artistsOf.train, ...artistsOf.validation, ...artistsOf['unseen-artist']]).toEqual(artists);
    expect(new Set(artists).size).toBe(9);
    for (const split of splits) {
      for (const scene of scenes(`demo/${split}`, 200)) {
        expect(artistsOf[split]).toContain(scene.artist);
        expect(unseenArtists.includes(scene.artist)).toBe(split === 'unseen-artist');
      }
    }
  });

  it('show held-out pairs in unseen-pair and nowhere else', () => {
    for (const split of splits) {
      for (const { concept, count, background } of scenes(`harder/${split}`, 2000)) {
        expect(isHeldOut(concept.label, count, background.name)).toBe(split === 'unseen-pair');
      }
    }
  });

  it('hold out a tenth of the pairs, and leave every thing a count and four backgrounds', () => {
    const all = concepts('all');
    let [backgrounds, counts] = [0, 0];
    for (const { label } of all) {
      const held = colourNames.filter((name) => isBackgroundHeldOut(label, name)).length;
      const heldCounts = [1, 2, 3, 4].filter((count) => isCountHeldOut(label, count)).length;
      expect(held).toBeLessThanOrEqual(4);
      expect(heldCounts).toBeLessThanOrEqual(3);
      backgrounds += held;
      counts += heldCounts;
    }
    // Four standard deviations of a binomial with p = 0.1.
    const near = (n: number) => 4 * Math.sqrt(0.09 * n);
    expect(Math.abs(backgrounds - 0.8 * all.length)).toBeLessThan(near(8 * all.length));
    expect(Math.abs(counts - 0.4 * all.length)).toBeLessThan(near(4 * all.length));
  });

  it('stay on the canvas and do not overlap', () => {
    for (const { copies, count } of scenes('demo/train', 3000)) {
      expect(copies).toHaveLength(count);
      for (const [index, copy] of copies.entries()) {
        expect(Math.abs(copy.rotation)).toBeLessThanOrEqual(25);
        const [low, high] = count === 1 ? [34, 56] : count === 2 ? [26, 31] : [24, 30];
        expect(copy.size).toBeGreaterThanOrEqual(low);
        expect(copy.size).toBeLessThanOrEqual(high);
        for (const value of corners(copy).flat()) {
          expect(value).toBeGreaterThanOrEqual(-1e-9);
          expect(value).toBeLessThanOrEqual(canvasUnits + 1e-9);
        }
        for (const other of copies.slice(index + 1)) {
          // The upright squares around them are apart, to the left or right, or above or below.
          const [a, b] = [corners(copy), corners(other)];
          const apart = [0, 1].some((axis) => {
            const [one, two] = [a.map((corner) => corner[axis]!), b.map((corner) => corner[axis]!)];
            return Math.max(...one) <= Math.min(...two) + 1e-9 || Math.max(...two) <= Math.min(...one) + 1e-9;
          });
          expect(apart).toBe(true);
        }
      }
    }
  });
});

describe('sample ids', () => {
  it('read back', () => {
    for (const seed of [0, 7]) {
      const parts = { set: 'harder', split: 'unseen-pair', seed, index: 42 } as const;
      expect(parseSampleId(sampleId(parts))).toEqual(parts);
    }
    expect(sampleId({ set: 'demo', split: 'train', seed: 7, index: 123 })).toBe('demo/train@7/000123');
  });

  it.each(['train/000123', 'demo/test/000001', 'demo/train/1', 'demo/train@0/000001', 'demo/train/0000001'])(
    'refuse %s',
    (id) => expect(() => sceneOf(id)).toThrow(`"${id}" is no sample id`),
  );
});
