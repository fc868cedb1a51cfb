import { EvaluationError } from '../evaluation-error.js';
import { type ResamplingOptions, resamplingOf, seededIntegers } from './random.js';
import { addRow, packRows, type SampleSums, scoreAll } from './sample-sums.js';

/** A score with the range in which it would lie for other samples of the same kind. */
export interface Interval {
  score: number;
  low: number;
  high: number;
}

/** Options of {@link bootstrapInterval}. */
export interface IntervalOptions extends ResamplingOptions {
  /** Share of resamples between `low` and `high`. Default 0.95. */
  readonly confidence?: number;
}

/** The value below which a share of sorted values lies, between two values by the line that joins them. */
export function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}

/** The confidence, checked. */
export function confidenceOf(operation: string, { confidence = 0.95 }: IntervalOptions): number {
  if (!(confidence > 0 && confidence < 1)) {
    throw new EvaluationError(
      operation,
      `confidence is ${confidence}`,
      'pass a share between 0 and 1, e.g. 0.95',
    );
  }
  return confidence;
}

/**
 * The bootstrap interval of a score (Efron's percentiles): samples are drawn with replacement, as many as there are,
 * again and again; the interval holds the middle of the scores.
 *
 * @throws EvaluationError if there are no samples, rows differ in width, or an option is out of range
 */
export function bootstrapInterval(scores: SampleSums, options: IntervalOptions = {}): Interval {
  const { resamples, seed } = resamplingOf('bootstrapInterval', options);
  const confidence = confidenceOf('bootstrapInterval', options);
  const rows = packRows('bootstrapInterval', scores);
  const count = scores.rows.length;
  const draw = seededIntegers(seed);
  const sums = new Float64Array(rows.width);
  const drawn = Float64Array.from({ length: resamples }, () => {
    sums.fill(0);
    for (let i = 0; i < count; i++) addRow(sums, rows.packed, draw(count));
    return scores.score(sums, count);
  }).sort();
  return {
    score: scoreAll(rows, scores.score),
    low: quantile(drawn, (1 - confidence) / 2),
    high: quantile(drawn, (1 + confidence) / 2),
  };
}
