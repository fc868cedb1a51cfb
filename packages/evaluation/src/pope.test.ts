import { describe, expect, it } from 'vitest';
import { pope, popeSums, saysYes } from './pope.js';

describe('saysYes', () => {
  it.each([
    ['yes', true],
    ['No', false],
    ['no.', false],
    ['No, there is none.', false],
    ['There is not a dog in the image', false],
    ['Yes, there is. No doubt.', true], // the first sentence decides
    ['nothing there', true], // so the original reads it
    ['NO', true],
    ['', true],
  ])('%j: %j', (answer, yes) => {
    expect(saysYes(answer)).toBe(yes);
  });
});

describe('pope', () => {
  const samples = [
    ...Array.from({ length: 4 }, (_, i) => ({ id: `tp${i}`, label: true, prediction: 'yes' })),
    ...Array.from({ length: 2 }, (_, i) => ({ id: `fp${i}`, label: false, prediction: 'Yes, it is.' })),
    ...Array.from({ length: 3 }, (_, i) => ({ id: `tn${i}`, label: false, prediction: 'no' })),
    { id: 'fn', label: true, prediction: 'There is not' },
  ];

  it('scores yes and no', () => {
    const { perSample, ...scores } = pope(samples);
    expect(scores.accuracy).toBeCloseTo(0.7, 14);
    expect(scores.precision).toBeCloseTo(4 / 6, 14);
    expect(scores.recall).toBeCloseTo(4 / 5, 14);
    expect(scores.f1).toBeCloseTo((2 * (4 / 6) * 0.8) / (4 / 6 + 0.8), 14);
    expect(scores.yesShare).toBeCloseTo(0.6, 14);
    expect(perSample[9]).toEqual([0, 0, 0, 1]);
    expect(popeSums(pope(samples), 'f1').score(Float64Array.of(4, 2, 3, 1), 10)).toBe(scores.f1);
  });

  it('divides by nothing nowhere', () => {
    expect(pope([{ id: '1', label: false, prediction: 'no' }])).toMatchObject({
      accuracy: 1,
      precision: 0,
      recall: 0,
      f1: 0,
      yesShare: 0,
    });
  });

  it('refuses bad input', () => {
    expect(() => pope([])).toThrow('[pope] got 0 samples;');
  });
});
