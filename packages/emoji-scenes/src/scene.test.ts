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
      artist: 'noto-v1',
      concept: { label: 'strawberry' },
      count: 1,
      background: { name: 'purple', rgb: [133, 69, 181] },
    });
    const copy = {
      x: 48.35751616843871,
      y: 48.59782658886286,
      size: 29.610361883649603,
      rotation: 2.282969227356057,
    };
    for (const [field, value] of Object.entries(copy)) {
      expect(first.copies[0]![field as keyof Copy]).toBeCloseTo(value, 9);
    }
    expect(sceneOf('demo/unseen-artist/000042')).toMatchObject({
      artist: 'fluent-emoji-flat',
      concept: { label: 'turtle' },
      count: 2,
      background: { name: 'red', rgb: [200, 48, 46] },
    });
    expect(sceneOf('harder/unseen-pair/000007')).toMatchObject({
      artist: 'noto-v1',
      concept: { label: 'sun' },
      count: 3,
      background: { name: 'red', rgb: [211, 60, 52] },
    });
    expect(sceneOf('all/validation@7/123456')).toMatchObject({
      artist: 'emojione',
      concept: { label: 'oil drum' },
      count: 2,
      background: { name: 'orange', rgb: [248, 153, 52] },
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
        expect(isHeldOut(concept, count, background.name)).toBe(split === 'unseen-pair');
      }
    }
  });

  it.each(['demo', 'harder', 'all'] as const)('of %s hold out a tenth of the pairs, evenly', (set) => {
    const list = concepts(set);
    const tenth = [Math.floor(list.length / 10), Math.ceil(list.length / 10)];
    for (const name of colourNames) {
      expect(tenth).toContain(list.filter((concept) => isBackgroundHeldOut(concept, name)).length);
    }
    for (const count of [1, 2, 3, 4]) {
      expect(tenth).toContain(list.filter((concept) => isCountHeldOut(concept, count)).length);
    }
    // No thing lacks more than one background or one count.
    for (const concept of list) {
      expect(colourNames.filter((name) => isBackgroundHeldOut(concept, name)).length).toBeLessThan(2);
      expect([1, 2, 3, 4].filter((count) => isCountHeldOut(concept, count)).length).toBeLessThan(2);
    }
  });

  it('stay on the canvas and do not overlap', () => {
    for (const { copies, count } of scenes('demo/train', 500)) {
      expect(copies).toHaveLength(count);
      for (const [index, copy] of copies.entries()) {
        expect(Math.abs(copy.rotation)).toBeLessThanOrEqual(6);
        expect(copy.size).toBeGreaterThanOrEqual(28);
        expect(copy.size).toBeLessThanOrEqual(31);
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
