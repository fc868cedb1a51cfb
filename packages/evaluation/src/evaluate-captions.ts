import { type BleuScores, bleu, bleuSums } from './bleu.js';
import { checkIds, checkText, checkTexts } from './check-samples.js';
import { cider } from './cider.js';
import { EvaluationError } from './evaluation-error.js';
import { exactMatch } from './exact-match.js';
import { mean } from './mean.js';
import { type MeteorOptions, type MeteorResult, meteor, meteorSums } from './meteor/meteor.js';
import { bootstrapInterval, type Interval, type IntervalOptions } from './resampling/bootstrap-interval.js';
import { meanOf, type SampleSums } from './resampling/sample-sums.js';
import { rougeL } from './rouge-l.js';
import type { SpiceResult } from './spice/spice-jar.js';
import { spider } from './spice/spider.js';
import { tokenizeCaption } from './tokenize-caption.js';
import type { TokenizedSample } from './tokenized-sample.js';

/** One image with what people and the model wrote about it. */
export interface CaptionSample {
  /** Names the image; may occur once. */
  readonly id: string;
  /** Human captions, at least one. */
  readonly references: readonly string[];
  /** The model's caption; may be empty. */
  readonly hypothesis: string;
}

/** All caption metrics. CIDEr is 0..10, all others but SPIDEr are fractions 0..1. */
export interface CaptionScores extends BleuScores {
  rougeL: number;
  /** As the original code returns it; papers print it x100. */
  cider: number;
  /** By the stages that {@link CaptionEvaluation.meteorName} tells. */
  meteor: number;
  /** Fraction of hypotheses that equal a reference but for case, space and final punctuation. */
  exactMatch: number;
  /** Only if SPICE was given. */
  spice?: number;
  /** Mean of CIDEr and SPICE; only if SPICE was given. */
  spider?: number;
}

/** Options of {@link evaluateCaptions}. */
export interface CaptionOptions extends MeteorOptions {
  /** What `meteorFromJar` returned for these samples, instead of METEOR without paraphrases. */
  readonly meteor?: MeteorResult;
  /** What `spiceFromJar` returned for these samples. */
  readonly spice?: SpiceResult;
  /** Also gives the bootstrap interval of every score. Default: none. */
  readonly intervals?: IntervalOptions | undefined;
}

/** What {@link evaluateCaptions} returns. */
export interface CaptionEvaluation extends CaptionScores {
  /** What `meteor` is; print it with the number. */
  meteorName: string;
  /** Number of samples. */
  count: number;
  /** The same metrics for every sample, in input order. BLEU and METEOR of the corpus are not the mean of these. */
  perSample: ({ id: string } & CaptionScores)[];
  /** The interval of every score, if asked for. CIDEr keeps the weights of the whole corpus in every resample. */
  intervals?: Partial<Record<keyof CaptionScores, Interval>>;
}

/** The samples as `meteorFromJar`, `spiceFromJar` and every metric take them. */
export function tokenizeCaptionSamples(samples: readonly CaptionSample[]): TokenizedSample[] {
  checkIds('evaluateCaptions', samples);
  return samples.map(({ id, references, hypothesis }) => {
    checkText('evaluateCaptions', id, 'hypothesis', hypothesis);
    checkTexts('evaluateCaptions', id, 'references', references);
    return { hypothesis: tokenizeCaption(hypothesis), references: references.map(tokenizeCaption) };
  });
}

function checkCount(what: string, given: { perSample: readonly unknown[] } | undefined, count: number): void {
  if (given === undefined || given.perSample.length === count) return;
  throw new EvaluationError(
    'evaluateCaptions',
    `${what} has ${given.perSample.length} samples, the captions ${count}`,
    'score the same samples',
  );
}

/** The scores of a corpus, and every one of them as a function of sums over its samples. */
export function scoreCaptions(
  samples: readonly CaptionSample[],
  options: CaptionOptions,
): { evaluation: CaptionEvaluation; sums: Partial<Record<keyof CaptionScores, SampleSums>> } {
  const tokenized = tokenizeCaptionSamples(samples);
  const { spice } = options;
  checkCount('meteor', options.meteor, samples.length);
  checkCount('spice', spice, samples.length);
  const ngrams = bleu(tokenized);
  const rouge = rougeL(tokenized);
  const consensus = cider(tokenized);
  const aligned = options.meteor ?? meteor(tokenized, options);
  const perSample = samples.map(({ id, references, hypothesis }, i) => ({
    id,
    ...ngrams.perSample[i]!,
    rougeL: rouge.perSample[i]!,
    cider: consensus.perSample[i]!,
    meteor: aligned.perSample[i]!,
    exactMatch: exactMatch(hypothesis, references) ? 1 : 0,
    ...(spice && {
      spice: spice.perSample[i]!,
      spider: spider(consensus.perSample[i]!, spice.perSample[i]!),
    }),
  }));
  const { perSample: _, statistics: __, ...corpusBleu } = ngrams;
  const column = (score: keyof CaptionScores) => perSample.map((one) => one[score]!);
  return {
    evaluation: {
      ...corpusBleu,
      rougeL: rouge.rougeL,
      cider: consensus.cider,
      meteor: aligned.meteor,
      exactMatch: mean(column('exactMatch')),
      ...(spice && { spice: spice.spice, spider: spider(consensus.cider, spice.spice) }),
      meteorName: aligned.name,
      count: samples.length,
      perSample,
    },
    sums: {
      bleu1: bleuSums(ngrams, 'bleu1'),
      bleu2: bleuSums(ngrams, 'bleu2'),
      bleu3: bleuSums(ngrams, 'bleu3'),
      bleu4: bleuSums(ngrams, 'bleu4'),
      rougeL: meanOf(rouge.perSample),
      cider: meanOf(consensus.perSample),
      meteor: meteorSums(aligned),
      exactMatch: meanOf(column('exactMatch')),
      ...(spice && { spice: meanOf(spice.perSample), spider: meanOf(column('spider')) }),
    },
  };
}

/**
 * BLEU-1..4, ROUGE-L, CIDEr, METEOR (without paraphrases, unless the jar's result is given) and exact match over a
 * caption test set, with the tokenizer and the arithmetic of the COCO caption evaluation (Chen et al.,
 * arXiv:1504.00325), without Java.
 *
 * CIDEr weighs n-grams by how many of the given images mention them: pass the whole test set at once. Scores of
 * shards cannot be averaged, and one image alone scores 0.
 *
 * @throws EvaluationError if samples is empty, an id occurs twice, references are missing, or a text is no string
 */
export function evaluateCaptions(
  samples: readonly CaptionSample[],
  options: CaptionOptions = {},
): CaptionEvaluation {
  const { evaluation, sums } = scoreCaptions(samples, options);
  if (options.intervals === undefined) return evaluation;
  const intervals: CaptionEvaluation['intervals'] = {};
  for (const score of Object.keys(sums) as (keyof CaptionScores)[]) {
    intervals[score] = bootstrapInterval(sums[score]!, options.intervals);
  }
  return { ...evaluation, intervals };
}
