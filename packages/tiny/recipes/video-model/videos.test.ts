import { concepts, emojiClips, motions } from '@ocelli/emoji-scenes';
import { Random } from '@ocelli/ops';
import { expect, it } from 'vitest';
import { defaultOptions } from './options.js';
import { renderVideos } from './videos.js';

const labels = new Map(concepts('harder').map(({ id }, index) => [id, index]));
const grid = { imageSize: 48, patchSize: 8 };
const none = new Map<number, never[]>();

it('shows the clips of the data set where nothing is varied', async () => {
  const options = { ...defaultOptions, frames: 8, seed: 3 };
  const batch = await renderVideos('validation', 2, 2, options, grid, labels);
  expect(batch.shape).toEqual([2, 8, 3, 48, 48]);
  const dataset = emojiClips({ split: 'validation', seed: 3, imageSize: 48 });
  for (const i of [0, 1]) {
    const { media, clip } = await dataset.sample(2 + i);
    expect(batch.motions[i]).toBe(motions.indexOf(clip.motion));
    expect(batch.concepts[i]).toBe(labels.get(clip.concept.id));
    const { frames } = await media.video.render();
    for (const [frame, { data }] of frames.entries()) {
      const first = (i * 8 + frame) * 3 * 48 * 48;
      const seen = batch.pixels.subarray(first, first + 3 * 48 * 48);
      const wrong = seen.filter((value, at) => {
        const [channel, pixel] = [Math.floor(at / 48 ** 2), at % 48 ** 2];
        return Math.abs(value - (data[3 * pixel + channel]! / 255 - 1) / 0.5) > 1e-6;
      });
      expect(wrong).toHaveLength(0);
    }
  }
});

it('tells what each patch shows in each frame', async () => {
  const augmentation = { variation: 1, drawings: none, random: new Random(1) };
  const options = { ...defaultOptions, frames: 8 };
  const batch = await renderVideos('train', 0, 30, options, grid, labels, augmentation);
  const moving = { left: 0, still: 0 };
  for (let i = 0; i < batch.size; i++) {
    const centre = (frame: number) => {
      let [sum, weight] = [0, 0];
      for (let patch = 0; patch < 36; patch++) {
        const at = (i * 36 + patch) * 8 + frame;
        const cover = batch.cover[at]!;
        expect(cover).toBeGreaterThanOrEqual(0);
        expect(cover).toBeLessThan(1.001);
        // What no thing is said to be under is hardly covered.
        if (batch.patches[at] === labels.size) expect(cover).toBeLessThan(0.9);
        else expect(batch.patches[at]).toBe(batch.concepts[i]);
        sum += cover * (patch % 6);
        weight += cover;
      }
      return sum / weight;
    };
    const shift = centre(7) - centre(0);
    const motion = motions[batch.motions[i]!]!;
    if (motion === 'moves left') expect(shift).toBeLessThan(-0.8);
    if (motion === 'stays still') expect(Math.abs(shift)).toBeLessThan(1e-6);
    moving.left += Number(motion === 'moves left');
    moving.still += Number(motion === 'stays still');
  }
  expect(Math.min(moving.left, moving.still)).toBeGreaterThan(0);
});

it('draws single frames at any moment', async () => {
  const options = { ...defaultOptions, frames: 1 };
  const at = (seed: number) =>
    renderVideos('train', 0, 2, options, grid, labels, {
      variation: 0,
      drawings: none,
      random: new Random(seed),
    });
  const [one, other] = [await at(1), await at(2)];
  expect(one.shape).toEqual([2, 1, 3, 48, 48]);
  expect(one.concepts).toEqual(other.concepts);
  expect(one.cover).not.toEqual(other.cover);
});

it('takes the frames that pipelines take where an encoder sees fewer than there are', async () => {
  const [all, some] = await Promise.all(
    [8, 4].map((frames) => renderVideos('train', 0, 1, { ...defaultOptions, frames }, grid, labels)),
  );
  const area = 3 * 48 * 48;
  for (const [place, frame] of [1, 3, 5, 7].entries()) {
    const seen = some!.pixels.subarray(place * area, (place + 1) * area);
    expect(seen).toEqual(all!.pixels.subarray(frame * area, (frame + 1) * area));
  }
});
