import { AudioSpectrogramTransformerModel } from '@ocelli/backbones';
import { normal, Random } from '@ocelli/ops';
import { expect, it } from 'vitest';
import { seeRows } from '../training/see-rows.js';
import { gridOf, labelsOfRows, rowsOfColumns, sineCosinePositions } from './grid.js';
import { defaultOptions } from './options.js';
import { astConfigOf } from './save.js';

const small = {
  ...defaultOptions,
  ...{ layers: 1, width: 16, heads: 2, patchSize: 4, timeStride: 2, bins: 8, frames: 12 },
};

it('has the patches that the model has', () => {
  for (const options of [small, { ...defaultOptions, layers: 1 }]) {
    const { rows, columns } = gridOf(options);
    const model = AudioSpectrogramTransformerModel.initialize(astConfigOf(options), new Random(1));
    expect(model.config.tokens).toBe(2 + rows * columns);
    const positions = sineCosinePositions({ rows, columns }, options.width);
    expect(positions).toHaveLength(model.config.tokens * options.width);
    const places = new Set(
      Array.from({ length: model.config.tokens }, (_, token) =>
        positions.subarray(token * options.width, (token + 1) * options.width).join(),
      ),
    );
    // Both special tokens have zeros.
    expect(places.size).toBe(1 + rows * columns);
  }
});

it('picks the special tokens and the patches of some columns', () => {
  const grid = { rows: 2, columns: 5 };
  expect([...rowsOfColumns(Int32Array.of(0, 3), 2, grid)]).toEqual([
    ...[0, 1, 2, 3, 7, 8],
    ...[12, 13, 17, 18, 22, 23],
  ]);
  const patches = Int32Array.from({ length: 20 }, (_, i) => i);
  expect([...labelsOfRows(rowsOfColumns(Int32Array.of(0, 3), 2, grid), patches, 12)]).toEqual([
    ...[0, 1, 5, 6],
    ...[13, 14, 18, 19],
  ]);
});

it('makes a model deaf for the rest of the recording', async () => {
  const model = AudioSpectrogramTransformerModel.initialize(astConfigOf(small), new Random(1));
  const sounds = normal(new Random(2), [1, small.frames, small.bins]);
  const values = await sounds.data();
  // Columns 1 and 2 of five cover frames 2 to 7.
  const rows = rowsOfColumns(Int32Array.of(1), 2, gridOf(small));
  const listen = async () => model.forward(sounds, { hooks: [seeRows(rows)] }).lastHiddenState.data();
  const before = await listen();
  expect(before).toHaveLength(6 * small.width);
  const isHeard = (i: number) => i >= 2 * small.bins && i < 8 * small.bins;
  sounds.write(values.map((value, i) => (isHeard(i) ? value : value + 1)) as Float32Array);
  expect(await listen()).toEqual(before);
  sounds.write(values.map((value, i) => (i === 7 * small.bins ? value + 1 : value)) as Float32Array);
  expect(await listen()).not.toEqual(before);
});
