import { describe, expect, it } from 'vitest';
import { hashText, Random } from './random.js';

describe('random numbers', () => {
  it('give the published numbers', () => {
    expect(hashText('')).toBe(2872998923);
    expect(hashText('red apple')).toBe(1346098820);
  });

  it('follow the text and are uniform', () => {
    const first = new Random('a');
    const again = new Random('a');
    const other = new Random('b');
    const draws = Array.from({ length: 10_000 }, () => first.next());
    expect(draws).toEqual(Array.from({ length: 10_000 }, () => again.next()));
    expect(draws[0]).not.toBe(other.next());
    // Ten bins of 1,000: chi-square with 9 degrees of freedom is above 33.7 once in 10,000.
    const bins = new Array<number>(10).fill(0);
    for (const draw of draws) bins[Math.floor(draw * 10)]!++;
    expect(bins.reduce((sum, bin) => sum + (bin - 1000) ** 2 / 1000, 0)).toBeLessThan(33.7);
  });

  it('are uniform over neighbouring ids, first draw and second', () => {
    const bins = new Array<number>(64).fill(0);
    for (let i = 0; i < 64_000; i++) {
      const random = new Random(`demo/train/${String(i).padStart(6, '0')}`);
      bins[random.below(8) * 8 + random.below(8)]!++;
    }
    // 63 degrees of freedom: above 113 once in 10,000.
    expect(bins.reduce((sum, bin) => sum + (bin - 1000) ** 2 / 1000, 0)).toBeLessThan(113);
  });
});
