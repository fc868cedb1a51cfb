import { expect, it } from 'vitest';
import { spider } from './spider.js';

// CIDEr, SPICE and SPIDEr of published audio captioners (AudioCaps test), as their papers print them.
it.each([
  ['Kim', 0.593, 0.144, 0.369],
  ['Koizumi', 0.603, 0.139, 0.371],
  ['Xu', 0.66, 0.168, 0.414],
  ['Mei', 0.679, 0.16, 0.42],
  ['Gontier', 0.753, 0.176, 0.465],
  ['Liu', 0.667, 0.172, 0.42],
])('is the mean of CIDEr and SPICE: %s', (_, cider, spice, published) => {
  expect(Math.abs(spider(cider, spice) - published)).toBeLessThanOrEqual(0.001); // all three are rounded
});

it('refuses what is no number', () => {
  expect(() => spider(1, Number.NaN)).toThrow('[spider] spice is number NaN; pass both scores');
});
