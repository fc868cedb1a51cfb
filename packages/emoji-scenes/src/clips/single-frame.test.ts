import { expect, it } from 'vitest';
import { renderScene } from '../render-scene.js';
import { type Clip, clipOf } from './clip.js';
import { motions } from './motions.js';
import { frameOf } from './poses.js';

const clips: Clip[] = Array.from({ length: 6000 }, (_, index) =>
  clipOf(`clips/harder/train/${String(index).padStart(6, '0')}`),
);

/** Pearson's chi-square of independence between the motions and a property cut into equally full bins, as a z-score. */
function dependence(property: (clip: Clip) => number, bins = 8): number {
  const values = clips.map(property);
  const sorted = [...values].sort((a, b) => a - b);
  const borders = Array.from(
    { length: bins - 1 },
    (_, i) => sorted[Math.floor(((i + 1) * values.length) / bins)]!,
  );
  const binOf = (value: number) => borders.filter((border) => value >= border).length;
  const table = motions.map(() => new Array<number>(bins).fill(0));
  for (const [i, { motion }] of clips.entries()) table[motions.indexOf(motion)]![binOf(values[i]!)]!++;
  const rows = table.map((row) => row.reduce((a, b) => a + b));
  const columns = Array.from({ length: bins }, (_, bin) => table.reduce((sum, row) => sum + row[bin]!, 0));
  let statistic = 0;
  for (const [row, counts] of table.entries()) {
    for (const [bin, count] of counts.entries()) {
      const expected = (rows[row]! * columns[bin]!) / clips.length;
      statistic += (count - expected) ** 2 / expected;
    }
  }
  const freedom = (motions.length - 1) * (bins - 1);
  return (statistic - freedom) / Math.sqrt(2 * freedom); // near normal: 63 degrees of freedom
}

const pose = (moment: number) => (clip: Clip) => frameOf(clip, moment).copies[0]!;

it('place, size and turn of the middle frame do not depend on the motion', () => {
  for (const name of ['x', 'y', 'size', 'rotation'] as const) {
    expect(Math.abs(dependence((clip) => pose(0)(clip)[name]))).toBeLessThan(4);
    // The test would see it: of the first frame all of them do.
    expect(dependence((clip) => pose(-0.5)(clip)[name])).toBeGreaterThan(50);
  }
});

it('the nearest mean picture names the motion by chance from a middle frame, and better from a first one', async () => {
  const side = 12;
  const flag = {
    body: '<path d="M0 0h16v16H0z"/><path fill="#fff" d="M0 0h16v5H0z"/>',
    ...{ left: 0, top: 0, width: 16, height: 16 },
  };
  const accuracy = async (moment: number) => {
    const pictures = await Promise.all(
      clips.slice(0, 3000).map(async (clip) => {
        const plain = { ...clip, background: { ...clip.background, rgb: [246, 222, 84] as const } };
        return (await renderScene(frameOf(plain, moment), { size: side, drawing: flag })).data;
      }),
    );
    const half = pictures.length / 2;
    const means = motions.map((motion) => {
      const own = pictures.slice(0, half).filter((_, i) => clips[i]!.motion === motion);
      return Array.from(
        { length: side * side * 3 },
        (_, at) => own.reduce((sum, data) => sum + data[at]!, 0) / own.length,
      );
    });
    const distance = (data: Uint8Array, mean: readonly number[]) =>
      mean.reduce((sum, value, at) => sum + (data[at]! - value) ** 2, 0);
    const right = pictures.slice(half).filter((data, i) => {
      const distances = means.map((mean) => distance(data, mean));
      return motions[distances.indexOf(Math.min(...distances))] === clips[half + i]!.motion;
    });
    return right.length / half;
  };
  // A tenth, to four standard deviations of 1500 guesses.
  expect(Math.abs((await accuracy(0)) - 0.1)).toBeLessThan(0.031);
  expect(await accuracy(-0.5)).toBeGreaterThan(0.5);
});
