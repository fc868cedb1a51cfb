import { expect, test } from 'vitest';
import { fromBfloat16, toBfloat16 } from './bfloat16.js';
import { randomFrom } from './random.js';

const upper = (half: number) => fromBfloat16(Uint16Array.of(half))[0]!;

test('every number of 16 bits is itself', () => {
  const halves = Uint16Array.from({ length: 2 ** 16 }, (_, half) => half);
  const isQuiet = (half: number) => (half & 0x7fff) <= 0x7f80 || (half & 0x40) !== 0;
  const back = toBfloat16(fromBfloat16(halves));
  expect(halves.filter((half) => isQuiet(half) && back[half] !== half)).toEqual(new Uint16Array(0));
});

test('others become the nearest of their two neighbours, the even one of two as near', () => {
  const random = randomFrom('bfloat16');
  for (let trial = 0; trial < 20_000; trial++) {
    const bits = trial % 4 === 0 ? 0x8000 : Math.floor(random() * 2 ** 16);
    const half = Math.floor(random() * 0x7f80) | (trial % 2 ? 0x8000 : 0);
    const value = new Float32Array(Uint32Array.of((half << 16) | bits).buffer)[0]!;
    // Behind the largest finite number lies what would be the next one if there were more exponents.
    const next = (half & 0x7fff) === 0x7f7f ? Math.sign(value) * 2 ** 128 : upper(half + 1);
    const [below, above] = [Math.abs(value - upper(half)), Math.abs(next - value)];
    const nearest = below < above || (below === above && half % 2 === 0) ? half : half + 1;
    expect(toBfloat16(Float32Array.of(value))[0]).toBe(nearest);
  }
});

test('what is no number or infinite stays so', () => {
  const signalling = new Float32Array(Uint32Array.of(0x7f800001).buffer);
  expect(fromBfloat16(toBfloat16(signalling))[0]).toBeNaN();
  const values = Float32Array.of(Number.NaN, Infinity, -Infinity, -0, 0);
  expect(fromBfloat16(toBfloat16(values))).toEqual(values);
});
