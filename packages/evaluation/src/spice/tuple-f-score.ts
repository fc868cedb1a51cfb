import { mean } from '../mean.js';
import { checkTokenizedSamples, type TokenizedSample } from '../tokenized-sample.js';
import { rememberingStemmer, type Stemmer, sceneTuples } from './scene-tuples.js';

/** The tuple F-score of a corpus (mean over samples) and of every sample, fractions 0..1. */
export interface TupleFScoreResult {
  /** To be printed with the number, so that nobody takes it for SPICE. */
  name: 'tuple F-score (word rules, not SPICE)';
  tupleFScore: number;
  perSample: number[];
}

function scoreOne({ hypothesis, references }: TokenizedSample, stemOf: Stemmer): number {
  const said = sceneTuples(hypothesis, stemOf);
  const wanted = new Set(references.flatMap((tokens) => [...sceneTuples(tokens, stemOf)]));
  let shared = 0;
  for (const tuple of said) if (wanted.has(tuple)) shared++;
  return shared === 0 ? 0 : (2 * shared) / (said.size + wanted.size);
}

/**
 * A stand-in for SPICE that needs no Java: the F-score of the tuples ({@link sceneTuples}) of a caption against those
 * of its references together. Same idea, other numbers: SPICE parses, merges words by WordNet and knows more kinds of
 * tuples. Compare it only with itself.
 *
 * @param samples tokens, see {@link TokenizedSample}
 * @throws EvaluationError if there are no samples, or one lacks references
 */
export function tupleFScore(samples: readonly TokenizedSample[]): TupleFScoreResult {
  checkTokenizedSamples('tupleFScore', samples);
  const stemOf = rememberingStemmer();
  const perSample = samples.map((sample) => scoreOne(sample, stemOf));
  return { name: 'tuple F-score (word rules, not SPICE)', tupleFScore: mean(perSample), perSample };
}
