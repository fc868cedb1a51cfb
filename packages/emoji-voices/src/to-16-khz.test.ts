import { expect, it } from 'vitest';
import { to16kHz } from './to-16-khz.js';

const tone = (frequency: number, rate: number, length: number) =>
  Float32Array.from({ length }, (_, n) => Math.sin((2 * Math.PI * frequency * n) / rate));

it.each([100, 440, 1234, 3000, 6500])('keeps a tone of %i Hz, in its place', (frequency) => {
  const heard = to16kHz(tone(frequency, 22_050, 4410));
  const expected = tone(frequency, 16_000, 3200);
  expect(heard).toHaveLength(3200);
  // Its ends fade in the filter.
  for (let n = 50; n < 3150; n++) expect(Math.abs(heard[n]! - expected[n]!)).toBeLessThan(0.02);
});

it('loses what 16,000 samples per second cannot hold', () => {
  for (const frequency of [8300, 9000, 10_500]) {
    const heard = to16kHz(tone(frequency, 22_050, 4410)).subarray(50, 3150);
    expect(Math.max(...heard.map(Math.abs))).toBeLessThan(0.01);
  }
});
