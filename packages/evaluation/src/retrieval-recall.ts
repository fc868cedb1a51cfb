import { describe, EvaluationError } from './evaluation-error.js';

/** How well one side finds the other. */
export interface RetrievalScores {
  /** Fraction 0..1 of queries with a right answer among the first k, by k. */
  recall: Record<number, number>;
  /** Median over queries of the rank of the best right answer; 1 is first. */
  medianRank: number;
  /** That rank for every query. */
  ranks: number[];
}

/** What {@link retrievalRecall} returns. */
export interface RetrievalResult {
  imageToText: RetrievalScores;
  textToImage: RetrievalScores;
}

/** The rank of the best right answer. Equal similarities rank before it: a model that says the same of all scores 0. */
function rankOf(count: number, similarity: (i: number) => number, isRight: (i: number) => boolean): number {
  let best = -Infinity;
  for (let i = 0; i < count; i++) if (isRight(i)) best = Math.max(best, similarity(i));
  let rank = 1;
  for (let i = 0; i < count; i++) if (!isRight(i) && similarity(i) >= best) rank++;
  return rank;
}

function summarize(ranks: number[], cutoffs: readonly number[]): RetrievalScores {
  const recall: Record<number, number> = {};
  for (const k of cutoffs) recall[k] = ranks.filter((rank) => rank <= k).length / ranks.length;
  const sorted = ranks.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const medianRank = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { recall, medianRank, ranks };
}

/**
 * Recall at k for retrieval both ways, as on COCO and Flickr30k where an image has several texts: an image has found
 * its text if any of its texts is among the first k, a text its image if that is.
 *
 * @param similarities `[images][texts]`, larger is more alike, e.g. cosines
 * @param imageOfText `[texts]`: the index of the image that each text belongs to
 * @param cutoffs the values of k. Default 1, 5, 10
 * @throws EvaluationError if the shapes do not fit, an image has no text, or a number is not finite
 */
export function retrievalRecall(
  similarities: readonly ArrayLike<number>[],
  imageOfText: readonly number[],
  cutoffs: readonly number[] = [1, 5, 10],
): RetrievalResult {
  const fail = (fact: string, remedy: string) => new EvaluationError('retrievalRecall', fact, remedy);
  if (!Array.isArray(similarities) || similarities.length === 0) {
    throw fail(`similarities is ${describe(similarities)}`, 'pass a row of numbers for every image');
  }
  const images = similarities.length;
  const texts = imageOfText.length;
  similarities.forEach((row: ArrayLike<number>, i) => {
    if (row.length !== texts) {
      throw fail(
        `similarities[${i}] has ${row.length} numbers for ${texts} texts`,
        'pass one for every text',
      );
    }
    for (let t = 0; t < texts; t++) {
      if (!Number.isFinite(row[t]))
        throw fail(`similarities[${i}][${t}] is ${row[t]}`, 'pass finite numbers');
    }
  });
  const textsOf = new Int32Array(images);
  imageOfText.forEach((image, t) => {
    if (!Number.isInteger(image) || image < 0 || image >= images) {
      throw fail(`imageOfText[${t}] is ${image} of ${images} images`, 'pass indices from 0');
    }
    textsOf[image]! += 1;
  });
  const without = textsOf.indexOf(0);
  if (without >= 0) throw fail(`image ${without} has no text`, 'leave out images without texts');
  for (const k of cutoffs) {
    if (!Number.isInteger(k) || k < 1) throw fail(`a cutoff is ${k}`, 'pass whole numbers from 1');
  }
  const imageRanks = similarities.map((row, image) =>
    rankOf(
      texts,
      (t) => row[t]!,
      (t) => imageOfText[t] === image,
    ),
  );
  const textRanks = imageOfText.map((image, t) =>
    rankOf(
      images,
      (i) => similarities[i]![t]!,
      (i) => i === image,
    ),
  );
  return { imageToText: summarize(imageRanks, cutoffs), textToImage: summarize(textRanks, cutoffs) };
}
