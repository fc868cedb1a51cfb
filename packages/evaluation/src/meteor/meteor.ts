import type { SampleSums } from '../resampling/sample-sums.js';
import { checkTokenizedSamples, type TokenizedSample } from '../tokenized-sample.js';
import { alignWords } from './align-words.js';
import { METEOR_FUNCTION_WORDS } from './function-words.js';
import { type LexiconWord, MeteorLexicon, type SynonymLookup } from './meteor-lexicon.js';
import {
  corpusStatistics,
  countMeteorStatistics,
  METEOR_STATISTICS,
  scoreMeteorStatistics,
} from './meteor-statistics.js';
import { normalizeMeteor } from './normalize-meteor.js';

/** Options of {@link meteor}. */
export interface MeteorOptions {
  /** Turns the synonym stage on, e.g. `loadWordNet()`. Without it the score says so in its name. */
  readonly synonyms?: SynonymLookup;
  /** Words that count a third of what other words do. Default {@link METEOR_FUNCTION_WORDS}. */
  readonly functionWords?: ReadonlySet<string>;
}

/** METEOR of a corpus and of every sample, fractions 0..1. */
export interface MeteorResult {
  /** What was computed, to be printed with the number: "METEOR 1.5" only if the jar computed it. */
  name: string;
  /** From the statistics summed over the corpus: not the mean of `perSample`. */
  meteor: number;
  perSample: number[];
  /** What was summed, `[samples][23]`, for intervals and tests between runs. */
  statistics: (readonly number[])[];
}

/** The score as a function of sums, for intervals and tests between runs. */
export function meteorSums({ statistics }: MeteorResult): SampleSums {
  return { rows: statistics, score: scoreMeteorStatistics };
}

/** A result from the statistics of every sample's best reference. */
export function meteorResult(name: string, counts: readonly (readonly number[])[]): MeteorResult {
  const statistics = counts.map(corpusStatistics);
  const sums = new Float64Array(METEOR_STATISTICS);
  for (const row of statistics) for (let i = 0; i < sums.length; i++) sums[i]! += row[i]!;
  return {
    name,
    meteor: scoreMeteorStatistics(sums),
    perSample: counts.map(scoreMeteorStatistics),
    statistics,
  };
}

/**
 * METEOR 1.5 (Denkowski and Lavie, WMT 2014) for English, with its stages exact, stem and, if synonyms are given,
 * synonym: weights 1, 0.6, 0.8, parameters 0.85, 0.2, 0.6, 0.75, the words of `-norm`, the best reference of each
 * sample, and the corpus score from summed statistics. The paraphrase stage needs a table that is not on npm: on
 * captions the score comes out lower than METEOR 1.5, and its `name` says so. `meteorFromJar` runs the original.
 *
 * @param samples tokens, see {@link TokenizedSample}
 * @throws EvaluationError if there are no samples, or one lacks references
 */
export function meteor(samples: readonly TokenizedSample[], options: MeteorOptions = {}): MeteorResult {
  checkTokenizedSamples('meteor', samples);
  const { synonyms, functionWords = METEOR_FUNCTION_WORDS } = options;
  const lexicon = new MeteorLexicon(functionWords, synonyms);
  const words = (tokens: readonly string[]): LexiconWord[] =>
    normalizeMeteor(tokens.join(' ')).map((word) => lexicon.word(word));
  const counts = samples.map(({ hypothesis, references }) => {
    const own = words(hypothesis);
    let best: number[] = [];
    let bestScore = -1;
    for (const tokens of references) {
      const reference = words(tokens);
      const candidate = countMeteorStatistics(own, reference, alignWords(own, reference));
      const score = scoreMeteorStatistics(candidate);
      if (score <= bestScore) continue;
      best = candidate;
      bestScore = score;
    }
    return best;
  });
  return meteorResult(`METEOR without paraphrases${synonyms ? '' : ' and synonyms'}`, counts);
}
