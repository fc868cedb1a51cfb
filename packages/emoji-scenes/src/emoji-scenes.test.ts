import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { artists } from './artists.js';
import { conceptByLabel } from './concepts.js';
import { drawingOf } from './drawings.js';
import { emojiScenes } from './emoji-scenes.js';
import { renderScene } from './render-scene.js';
import { type Scene, sceneOf } from './scene.js';
import { sceneSvg } from './scene-svg.js';

describe('emojiScenes', () => {
  it('has a length, a name and samples by index or in order', async () => {
    const dataset = emojiScenes({ split: 'validation', size: 3 });
    expect(dataset).toMatchObject({ name: 'emoji-scenes/demo/validation', length: 3 });
    const ids: string[] = [];
    for await (const sample of dataset) ids.push(sample.id);
    expect(ids).toEqual(['demo/validation/000000', 'demo/validation/000001', 'demo/validation/000002']);
    const sample = await dataset.sample(1);
    expect(sample.scene).toEqual(sceneOf(sample.id));
    expect(sample.media.image).toMatchObject({
      kind: 'rendered',
      key: 'emoji-scenes-4/demo/validation/000001/64',
    });
  });

  it('gives other scenes for another seed and for another set', async () => {
    const at = async (options: object) => (await emojiScenes({ split: 'train', ...options }).sample(0)).scene;
    expect(await at({ seed: 1 })).not.toEqual(await at({}));
    expect(await at({ concepts: 'harder' })).not.toEqual(await at({}));
  });

  it('refuses what it cannot give', async () => {
    expect(() => emojiScenes({ split: 'train', size: 0 })).toThrow('size 0 is out of range');
    expect(() => emojiScenes({ split: 'train', seed: 0.5 })).toThrow('seed 0.5');
    await expect(emojiScenes({ split: 'train', size: 2 }).sample(2)).rejects.toThrow('there is no sample 2');
    await expect(drawingOf('fxemoji', conceptByLabel('umbrella'))).resolves.toBeDefined();
    await expect(drawingOf('emojione-v1', conceptByLabel('umbrella'))).rejects.toThrow(
      'emojione-v1 has no drawing of "umbrella"',
    );
    await expect(renderScene(sceneOf('demo/train/000000'), { size: 5000 })).rejects.toThrow('size 5000');
  });
});

describe('pictures', () => {
  const base: Scene = {
    artist: 'noto',
    concept: conceptByLabel('soccer ball'),
    count: 1,
    background: { name: 'blue', rgb: [72, 120, 220] },
    copies: [{ x: 32, y: 32, size: 48, rotation: 0 }],
  };
  const isBackground = (data: Uint8Array, at: number) =>
    data[at] === 72 && data[at + 1] === 120 && data[at + 2] === 220;

  it.each(artists)('by %s fill the square they are given, and nothing beside it', async (artist) => {
    const { data } = await renderScene({ ...base, artist });
    let [x0, y0, x1, y1] = [64, 64, 0, 0];
    for (let i = 0; i < 64 * 64; i++) {
      if (isBackground(data, i * 3)) continue;
      x0 = Math.min(x0, i % 64);
      x1 = Math.max(x1, (i % 64) + 1);
      y0 = Math.min(y0, Math.floor(i / 64));
      y1 = Math.max(y1, Math.floor(i / 64) + 1);
    }
    // The square is 8 to 56; a ball touches all four sides, to a pixel of softness.
    for (const edge of [x0, y0]) expect(Math.abs(edge - 8)).toBeLessThanOrEqual(1);
    for (const edge of [x1, y1]) expect(Math.abs(edge - 56)).toBeLessThanOrEqual(1);
  });

  it('are the same every time, at any size, and as one would see the SVG', async () => {
    for (const id of ['demo/train/000002', 'demo/train/000007', 'demo/train/000030']) {
      const scene = sceneOf(id);
      for (const size of [64, 224]) {
        const { data, width, height, channels } = await renderScene(scene, { size });
        expect([width, height, channels, data.length]).toEqual([size, size, 3, size * size * 3]);
        expect((await renderScene(scene, { size })).data).toEqual(data);
        const svg = Buffer.from(
          (await sceneSvg(scene)).replace('width="64" height="64">', `width="${size}" height="${size}">`),
        );
        const seen = await sharp(svg).removeAlpha().raw().toBuffer();
        const difference = async (drawn: Scene) => {
          const { data: pixels } = await renderScene(drawn, { size });
          return pixels.reduce((sum, value, i) => sum + Math.abs(value - seen[i]!), 0) / pixels.length;
        };
        // librsvg composes the same sprite with another filter: softer edges, but nothing moved, not by half a unit.
        const moved = { ...scene, copies: scene.copies.map((copy) => ({ ...copy, x: copy.x + 1 })) };
        expect(await difference(scene)).toBeLessThan((await difference(moved)) / 2);
      }
    }
  });
});
