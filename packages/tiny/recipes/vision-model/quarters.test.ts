import { VitModel } from '@ocelli/backbones';
import { normal, Random } from '@ocelli/ops';
import { expect, it } from 'vitest';
import { seeRows } from '../training/see-rows.js';
import { defaultOptions } from './options.js';
import { labelsOfRows, quarterRows } from './quarters.js';
import { vitConfigOf } from './save.js';

it('picks the class token and the patches of each quarter', () => {
  expect([...quarterRows(Int32Array.of(0, 3), 4)]).toEqual([0, 1, 2, 5, 6, 17, 28, 29, 32, 33]);
  expect([...quarterRows(Int32Array.of(1), 4)]).toEqual([0, 3, 4, 7, 8]);
  expect([...quarterRows(Int32Array.of(2), 4)]).toEqual([0, 9, 10, 13, 14]);
});

it('finds the labels of the patches that are seen', () => {
  const patches = Int32Array.from({ length: 32 }, (_, i) => i);
  expect([...labelsOfRows(quarterRows(Int32Array.of(0, 3), 4), patches, 17)]).toEqual([
    0, 1, 4, 5, 26, 27, 30, 31,
  ]);
});

it('makes a model blind for the rest of the picture', async () => {
  const options = { ...defaultOptions, layers: 1, width: 16, heads: 2, imageSize: 16, patchSize: 4 };
  const model = VitModel.initialize(vitConfigOf(options), new Random(1));
  const pixels = normal(new Random(2), [1, 3, 16, 16]);
  const values = await pixels.data();
  const look = async () =>
    model.forward(pixels, { hooks: [seeRows(quarterRows(Int32Array.of(3), 4))] }).lastHiddenState.data();
  const before = await look();
  expect(before).toHaveLength(5 * 16);
  pixels.write(values.map((value, i) => (i % 256 < 128 ? value + 1 : value))); // the upper half
  expect(await look()).toEqual(before);
  pixels.write(values.map((value, i) => (i % 256 === 255 ? value + 1 : value)));
  expect(await look()).not.toEqual(before);
});
