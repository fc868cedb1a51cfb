import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retrievalRecall } from './retrieval-recall.js';

describe('retrievalRecall', () => {
  it('counts an image as found by any of its texts, and a text by its image', () => {
    const { imageToText, textToImage } = retrievalRecall(
      [
        [0.9, 0.1, 0.8, 0.2],
        [0.3, 0.7, 0.6, 0.1],
      ],
      [0, 0, 1, 1],
      [1, 2, 3],
    );
    expect(imageToText.ranks).toEqual([1, 2]);
    expect(imageToText.recall).toEqual({ 1: 0.5, 2: 1, 3: 1 });
    expect(imageToText.medianRank).toBe(1.5);
    expect(textToImage.ranks).toEqual([1, 2, 2, 2]);
    expect(textToImage.recall).toEqual({ 1: 0.25, 2: 1, 3: 1 });
  });

  it('counts ties against the model', () => {
    const { imageToText, textToImage } = retrievalRecall(
      [new Float32Array(3), new Float32Array(3), new Float32Array(3)],
      [0, 1, 2],
    );
    expect(imageToText.recall[1]).toBe(0);
    expect(textToImage.ranks).toEqual([3, 3, 3]);
  });

  it('equals sorting, and grows with k', () => {
    const shape = fc.integer({ min: 1, max: 6 }).chain((images) =>
      fc.array(
        fc.uniqueArray(fc.integer({ min: -99, max: 99 }), { minLength: 2 * images, maxLength: 2 * images }),
        {
          minLength: images,
          maxLength: images,
        },
      ),
    );
    fc.assert(
      fc.property(shape, (rows) => {
        const owner = rows[0]!.map((_, t) => t % rows.length);
        const { imageToText } = retrievalRecall(rows, owner, [1, 2, 5]);
        rows.forEach((row, image) => {
          const order = row.map((_, t) => t).sort((a, b) => row[b]! - row[a]!);
          expect(imageToText.ranks[image]).toBe(1 + order.findIndex((t) => owner[t] === image));
        });
        expect(imageToText.recall[1]).toBeLessThanOrEqual(imageToText.recall[2]!);
        expect(imageToText.recall[2]).toBeLessThanOrEqual(imageToText.recall[5]!);
      }),
    );
  });

  it('refuses bad input', () => {
    expect(() => retrievalRecall([], [])).toThrow('[retrievalRecall] similarities is an array of 0;');
    expect(() => retrievalRecall([[1]], [0, 0])).toThrow('similarities[0] has 1 numbers for 2 texts;');
    expect(() => retrievalRecall([[Number.NaN]], [0])).toThrow('similarities[0][0] is NaN;');
    expect(() => retrievalRecall([[1]], [1])).toThrow('imageOfText[0] is 1 of 1 images; pass indices from 0');
    expect(() => retrievalRecall([[1], [1]], [0])).toThrow('image 1 has no text;');
    expect(() => retrievalRecall([[1]], [0], [0])).toThrow('a cutoff is 0; pass whole numbers from 1');
  });
});
