import type { Alignment } from './align-words.js';
import type { LexiconWord } from './meteor-lexicon.js';

/**
 * What METEOR sums over a corpus, in the order in which `meteor-1.5.jar` prints it for one sentence pair: lengths of
 * hypothesis and reference, their function words, then for each of four stages the matched content words of both and
 * the matched function words of both, then chunks and matched words of both.
 */
export const METEOR_STATISTICS = 23;
const FIRST_STAGE = 4;
const JAR_STAGES = 4;
const CHUNKS = FIRST_STAGE + 4 * JAR_STAGES;

// METEOR 1.5, English, task "rank": recall against precision, shape and weight of the penalty for disorder, content
// against function words; and what a match is worth that is exact, by stem, by synonym, by paraphrase.
const ALPHA = 0.85;
const BETA = 0.2;
const GAMMA = 0.6;
const DELTA = 0.75;
const STAGE_WEIGHTS = [1, 0.6, 0.8, 0.6];

/** The statistics of one aligned pair, `[METEOR_STATISTICS]`. */
export function countMeteorStatistics(
  hypothesis: readonly LexiconWord[],
  reference: readonly LexiconWord[],
  { matches, chunks }: Alignment,
): number[] {
  const counts = new Array<number>(METEOR_STATISTICS).fill(0);
  counts[0] = hypothesis.length;
  counts[1] = reference.length;
  for (const word of hypothesis) if (word.isFunctionWord) counts[2]! += 1;
  for (const word of reference) if (word.isFunctionWord) counts[3]! += 1;
  for (const match of matches) {
    const stage = FIRST_STAGE + 4 * match.stage;
    counts[stage + (hypothesis[match.hypothesis]!.isFunctionWord ? 2 : 0)]! += 1;
    counts[stage + (reference[match.reference]!.isFunctionWord ? 3 : 1)]! += 1;
  }
  counts[CHUNKS] = chunks;
  counts[CHUNKS + 1] = matches.length;
  counts[CHUNKS + 2] = matches.length;
  return counts;
}

function isPerfect(counts: ArrayLike<number>): boolean {
  let hypothesisMatches = 0;
  let referenceMatches = 0;
  for (let i = FIRST_STAGE; i < CHUNKS; i += 2) {
    hypothesisMatches += counts[i]!;
    referenceMatches += counts[i + 1]!;
  }
  return hypothesisMatches === counts[0] && referenceMatches === counts[1] && counts[CHUNKS] === 1;
}

/** The statistics as a corpus adds them up: a caption matched whole and in order adds no chunk. */
export function corpusStatistics(counts: readonly number[]): readonly number[] {
  return isPerfect(counts) ? counts.with(CHUNKS, 0) : counts;
}

/** METEOR of the statistics of one pair, or of their sum over a corpus: a fraction 0..1. */
export function scoreMeteorStatistics(counts: ArrayLike<number>): number {
  const weighted = (side: 0 | 1) => {
    let matches = 0;
    STAGE_WEIGHTS.forEach((weight, stage) => {
      const at = FIRST_STAGE + 4 * stage + side;
      matches += weight * (DELTA * counts[at]! + (1 - DELTA) * counts[at + 2]!);
    });
    const functionWords = counts[2 + side]!;
    const length = DELTA * (counts[side]! - functionWords) + (1 - DELTA) * functionWords;
    return matches / length;
  };
  const precision = weighted(0);
  const recall = weighted(1);
  const mean = 1 / ((1 - ALPHA) / precision + ALPHA / recall);
  const disorder = isPerfect(counts)
    ? 0
    : counts[CHUNKS]! / ((counts[CHUNKS + 1]! + counts[CHUNKS + 2]!) / 2);
  const score = mean * (1 - GAMMA * disorder ** BETA);
  return Number.isNaN(score) ? 0 : Math.max(score, 0); // no words or no matches: 0 / 0
}
