import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClipSample, clipScore } from './clip-score.js';

const at = (degrees: number, length = 1) => [
  length * Math.cos((degrees * Math.PI) / 180),
  length * Math.sin((degrees * Math.PI) / 180),
];

describe('clipScore', () => {
  it('is 2.5 times the cosine of image and caption, never below 0', () => {
    const { perSample, clipScore: score } = clipScore([
      { image: at(0), text: at(60, 7) },
      { image: at(0), text: at(120) },
      { image: new Float32Array([1, 0]), text: new Float32Array([1, 0]) },
    ]);
    expect(perSample[0]!.clipScore).toBeCloseTo(1.25, 12);
    expect(perSample[1]!.clipScore).toBe(0);
    expect(perSample[2]!.clipScore).toBe(2.5);
    expect(score).toBeCloseTo(1.25, 12);
    expect(perSample[0]!.refClipScore).toBeNull();
  });

  it('with references is the harmonic mean with the nearest of them', () => {
    const { refClipScore } = clipScore([
      { image: at(0), text: at(60), references: [at(200), at(120), at(0)] },
    ]);
    expect(refClipScore).toBeCloseTo((2 * 1.25 * 0.5) / (1.25 + 0.5), 12);
    expect(clipScore([{ image: at(0), text: at(180), references: [at(0)] }]).refClipScore).toBe(0);
  });

  it('ignores the order of references, and never falls when one is added', () => {
    const vector = fc.array(fc.double({ min: 0.1, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(
        vector,
        vector,
        fc.array(vector, { minLength: 2, maxLength: 5 }),
        (image, text, references) => {
          const score = (own: number[][]) => clipScore([{ image, text, references: own }]).refClipScore!;
          expect(score(references.toReversed())).toBe(score(references));
          expect(score(references)).toBeGreaterThanOrEqual(score(references.slice(1)));
        },
      ),
    );
  });

  it('refuses bad input', () => {
    const refuse = (samples: ClipSample[], message: string) =>
      expect(() => clipScore(samples)).toThrow(message);
    refuse([], '[clipScore] samples is an array of 0; pass at least one');
    refuse(
      [{ image: [1], text: [1, 0] }],
      'samples[0].text has 2 numbers, its image or text 1; pass embeddings',
    );
    refuse([{ image: [0, 0], text: [1, 0] }], 'samples[0].text or its partner is zero or not finite;');
    refuse(
      [
        { image: [1], text: [1], references: [[1]] },
        { image: [1], text: [1] },
      ],
      '1 of 2 samples have references; pass references for all or for none',
    );
  });
});
