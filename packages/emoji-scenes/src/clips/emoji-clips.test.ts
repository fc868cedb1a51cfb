import { describe, expect, it } from 'vitest';
import { colourNames } from '../colours.js';
import { conceptByLabel } from '../concepts.js';
import type { Pixels } from '../render-scene.js';
import { splits } from '../scene.js';
import { type Clip, clipOf } from './clip.js';
import { emojiClips } from './emoji-clips.js';
import { isClipHeldOut } from './held-out-clips.js';
import { type Motion, motions } from './motions.js';
import { renderClip } from './render-clip.js';

const clips = (split: (typeof splits)[number], length: number): Clip[] =>
  Array.from({ length }, (_, index) => clipOf(`clips/demo/${split}/${String(index).padStart(6, '0')}`));

describe('emojiClips', () => {
  it('has samples with a video, words and what they show', async () => {
    const dataset = emojiClips({ split: 'validation', size: 2, imageSize: 48 });
    expect(dataset).toMatchObject({ name: 'emoji-clips/demo/validation', length: 2 });
    const { id, media, text, clip } = await dataset.sample(1);
    expect(id).toBe('clips/demo/validation/000001');
    expect(clip).toEqual(clipOf(id));
    expect(clip.artist).toBe('emojione');
    expect(text.captions[0]).toContain(`${clip.concept.label} ${clip.motion} on`);
    expect(text.questions.map(({ answers }) => answers[0]).slice(0, 3)).toEqual([
      clip.concept.label,
      clip.motion,
      clip.background.name,
    ]);
    const { frames, times, duration } = await media.video.render();
    expect(frames.map(({ width, height }) => [width, height])).toEqual(Array(8).fill([48, 48]));
    expect(times).toEqual([0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875]);
    expect(duration).toBe(1);
    expect(await media.video.render()).toEqual({ frames, times, duration });
  });

  it('names frames by all that they depend on', async () => {
    const others = [
      {},
      { frames: 16 },
      { imageSize: 48 },
      { still: true },
      { seed: 1 },
      { concepts: 'harder' },
    ];
    const keys = await Promise.all(
      others.map(async (options) => {
        const dataset = emojiClips({ split: 'train', size: 1, ...(options as object) });
        return (await dataset.sample(0)).media.video.key;
      }),
    );
    expect(new Set(keys).size).toBe(others.length);
    expect(keys[0]).toBe('emoji-scenes-4.1/clips/demo/train/000000/64x8');
  });

  it('repeats the middle frame for the baseline that sees no motion', async () => {
    for (const frames of [8, 9, 16]) {
      const options = { split: 'train', size: 9, frames, imageSize: 32 } as const;
      const [moving, still] = [emojiClips(options), emojiClips({ ...options, still: true })];
      const [one, other] = [await moving.sample(3), await still.sample(3)];
      expect(other.text).toEqual(one.text);
      expect(other.id).toBe(one.id);
      const middle = (await one.media.video.render()).frames[Math.floor(frames / 2)]!;
      const { frames: repeated } = await other.media.video.render();
      expect(repeated).toHaveLength(frames);
      for (const frame of repeated) expect(frame).toEqual(middle);
    }
  });

  it('refuses what it cannot give', async () => {
    expect(() => emojiClips({ split: 'train', size: 0 })).toThrow('size 0 is out of range');
    expect(() => clipOf('demo/train/000000')).toThrow('clips/demo/train/000123');
    await expect(renderClip(clips('train', 1)[0]!, { frames: 4 })).rejects.toThrow('frames 4');
  });
});

describe('splits of clips', () => {
  it.each(splits)('%s has its own combinations, every motion and every background', (split) => {
    const drawn = clips(split, 3000);
    for (const { concept, motion, background } of drawn)
      expect(isClipHeldOut(concept, motion, background.name)).toBe(split === 'unseen-pair');
    // Shares of 3000 draws, to four standard deviations (uniform but for what is held out unevenly).
    for (const [values, list] of [
      [motions, drawn.map(({ motion }) => motion)],
      [colourNames, drawn.map(({ background }) => background.name)],
    ] as const) {
      for (const value of values) {
        const share = list.filter((one) => one === value).length / drawn.length;
        const chance = 1 / values.length;
        expect(Math.abs(share - chance)).toBeLessThan(split === 'unseen-pair' ? 0.05 : 0.025);
      }
    }
  });
});

describe('what happens in clips', () => {
  const base: Clip = {
    ...clips('train', 1)[0]!,
    artist: 'noto',
    concept: conceptByLabel('soccer ball'),
    background: { name: 'yellow', rgb: [246, 222, 84] },
    middle: { x: 32, y: 32, size: 29, rotation: 0 },
    reach: 1,
  };
  /** A black square whose upper edge is white. */
  const flag = {
    body: '<path d="M0 0h16v16H0z"/><path fill="#fff" d="M0 0h16v5H0z"/>',
    ...{ left: 0, top: 0, width: 16, height: 16 },
  };

  /** Mean place of the pixels that a test picks, and how many they are. */
  function where({ data, width }: Pixels, isMeant: (red: number, green: number, blue: number) => boolean) {
    let [x, y, count] = [0, 0, 0];
    for (let at = 0; at < data.length; at += 3) {
      if (!isMeant(data[at]!, data[at + 1]!, data[at + 2]!)) continue;
      x += (at / 3) % width;
      y += Math.floor(at / 3 / width);
      count++;
    }
    return { x: x / count, y: y / count, count };
  }
  const ink = (frame: Pixels) =>
    where(frame, (red, _, blue) => Math.abs(red - 246) + Math.abs(blue - 84) > 60);
  const white = (frame: Pixels) => where(frame, (_, __, blue) => blue > 200);
  const seen = async (motion: Motion) => {
    const { frames } = await renderClip({ ...base, motion }, { drawing: flag });
    return frames.map((frame) => ({ ...ink(frame), top: white(frame) }));
  };
  const isFalling = (values: readonly number[]) =>
    values.every((value, i) => i === 0 || value < values[i - 1]!);

  it('is what the words say, as one sees it on a screen', async () => {
    expect(isFalling((await seen('moves left')).map(({ x }) => x))).toBe(true);
    expect(isFalling((await seen('moves right')).map(({ x }) => -x))).toBe(true);
    expect(isFalling((await seen('moves up')).map(({ y }) => y))).toBe(true);
    expect(isFalling((await seen('moves down')).map(({ y }) => -y))).toBe(true);
    expect(isFalling((await seen('shrinks')).map(({ count }) => count))).toBe(true);
    expect(isFalling((await seen('grows')).map(({ count }) => -count))).toBe(true);
    // The white edge is on top half-way; turning left it comes from the right and goes to the left.
    const left = await seen('turns left');
    expect(isFalling(left.map(({ x, top }) => top.x - x))).toBe(true);
    expect(left[4]!.top.y).toBeLessThan(left[4]!.y - 5);
    expect(isFalling((await seen('turns right')).map(({ x, top }) => x - top.x))).toBe(true);
  });

  it('moves nothing else', async () => {
    const still = await seen('stays still');
    for (const frame of still) expect(frame).toEqual(still[0]);
    for (const frame of await seen('moves left')) {
      expect(Math.abs(frame.y - still[0]!.y)).toBeLessThan(0.25);
      expect(Math.abs(frame.count - still[0]!.count)).toBeLessThan(40);
    }
    for (const motion of ['turns left', 'turns right', 'grows', 'shrinks'] as const)
      for (const frame of await seen(motion)) {
        expect(Math.abs(frame.x - still[0]!.x)).toBeLessThan(0.5);
        expect(Math.abs(frame.y - still[0]!.y)).toBeLessThan(0.5);
      }
  });

  it('shakes a little to either side of the middle', async () => {
    const middle = (await seen('stays still'))[0]!;
    const xs = (await seen('shakes')).map(({ x }) => Math.round(x - middle.x));
    expect(xs).toEqual([0, 4, 0, -4, 0, 4, 0, -4]);
  });

  it('stays on the canvas', async () => {
    for (const clip of clips('train', 400)) {
      const { frames } = await renderClip(clip, { size: 48, drawing: flag });
      for (const { data, width } of frames) {
        const last = width - 1;
        const isBackground = (x: number, y: number) =>
          clip.background.rgb.every((value, channel) => data[(y * width + x) * 3 + channel] === value);
        const border = Array.from({ length: width }, (_, i) => [i, 0, i, last, 0, i, last, i]).flat();
        const isFree = border.every((x, i) => i % 2 === 1 || isBackground(x, border[i + 1]!));
        expect(isFree).toBe(true);
      }
    }
  });
});
