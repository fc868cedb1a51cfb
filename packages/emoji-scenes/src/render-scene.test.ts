import { describe, expect, it } from 'vitest';
import { drawingNamed } from './drawings.js';
import { type Pixels, renderScene } from './render-scene.js';
import { type Scene, sceneOf } from './scene.js';

/** One copy in the middle of the left half, on its scene's background. */
function sceneWith(copy: Partial<Scene['copies'][number]> = {}): Scene {
  const scene = sceneOf('demo/train/000001');
  return { ...scene, copies: [{ x: 16, y: 32, size: 28, rotation: 0, ...copy }] };
}

/** Width and height of what differs from the background. */
function ink({ data, width }: Pixels, { background }: Scene) {
  const xs: number[] = [];
  const ys: number[] = [];
  for (let i = 0; i < data.length; i += 3) {
    if ([0, 1, 2].every((channel) => Math.abs(data[i + channel]! - background.rgb[channel]!) < 30)) continue;
    xs.push((i / 3) % width);
    ys.push(Math.floor(i / 3 / width));
  }
  return {
    width: Math.max(...xs) - Math.min(...xs) + 1,
    height: Math.max(...ys) - Math.min(...ys) + 1,
  };
}

/** A black square with a white one in its top left quarter. */
const square = drawingNamed(
  {
    icons: {
      square: {
        body: '<path d="M0 0h16v16H0z"/><path fill="#fff" d="M0 0h8v8H0z"/>',
        width: 16,
        height: 16,
      },
    },
    aliases: { box: { parent: 'crate' }, crate: { parent: 'square' } },
  },
  'box',
)!;

const at = ({ data, width }: Pixels, x: number, y: number) => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

describe('renderScene', () => {
  it('draws another drawing in place of the artist’s', async () => {
    const scene = sceneWith();
    const picture = await renderScene(scene, { drawing: square });
    expect(at(picture, 8, 24)).toEqual([255, 255, 255]);
    for (const [x, y] of [
      [24, 24],
      [8, 40],
      [24, 40],
    ] as const)
      expect(at(picture, x, y)).toEqual([0, 0, 0]);
    expect(at(picture, 48, 32)).toEqual([...scene.background.rgb]);
  });

  it('mirrors and stretches a copy', async () => {
    const mirrored = await renderScene(sceneWith({ mirrored: true }), { drawing: square });
    expect(at(mirrored, 24, 24)).toEqual([255, 255, 255]);
    expect(at(mirrored, 8, 24)).toEqual([0, 0, 0]);
    const scene = sceneWith({ size: 20, stretch: 1.44 });
    const { width, height } = ink(await renderScene(scene, { drawing: square }), scene);
    // 20 * 1.2 and 20 / 1.2, and at most a pixel that is touched on either side.
    expect(Math.abs(width - 24)).toBeLessThan(2);
    expect(Math.abs(height - 20 / 1.2)).toBeLessThan(2);
  });

  it('recolours by colour and place, and leaves the background', async () => {
    const scene = sceneWith();
    const picture = await renderScene(scene, {
      drawing: square,
      recolour: (red, _, __, across, down) => [red, across > 0 ? 1 : 0, down > 0 ? 1 : 0],
    });
    expect(at(picture, 8, 24)).toEqual([255, 0, 0]);
    expect(at(picture, 24, 24)).toEqual([0, 255, 0]);
    expect(at(picture, 8, 40)).toEqual([0, 0, 255]);
    expect(at(picture, 24, 40)).toEqual([0, 255, 255]);
    expect(at(picture, 48, 32)).toEqual([...scene.background.rgb]);
  });
});

describe('drawingNamed', () => {
  it('follows aliases, fills in the set’s size, and knows no others', () => {
    const set = { icons: { a: { body: '<g/>' } }, aliases: { b: { parent: 'a' } }, width: 24, height: 12 };
    expect(drawingNamed(set, 'b')).toEqual({ body: '<g/>', left: 0, top: 0, width: 24, height: 12 });
    expect(drawingNamed(set, 'c')).toBeUndefined();
  });
});
