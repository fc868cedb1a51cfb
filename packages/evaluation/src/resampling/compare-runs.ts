import { EvaluationError } from '../evaluation-error.js';
import { confidenceOf, type IntervalOptions, quantile } from './bootstrap-interval.js';
import { type ResamplingOptions, resamplingOf, seededIntegers } from './random.js';
import { addRow, packRows, type SampleSums, scoreAll } from './sample-sums.js';

/** How the scores of two runs on the same samples differ. */
export interface RunDifference {
  /** Score of the first run minus that of the second. */
  difference: number;
  /** How likely so large a difference would be, one way or the other, if the runs were equally good: 0..1. */
  pValue: number;
}

/** The same, with the range of the difference. */
export interface RunDifferenceInterval extends RunDifference {
  low: number;
  high: number;
}

function packPair(operation: string, first: SampleSums, second: SampleSums) {
  if (first.rows.length !== second.rows.length) {
    throw new EvaluationError(
      operation,
      `the runs have ${first.rows.length} and ${second.rows.length} samples`,
      'pass the same samples in the same order',
    );
  }
  const a = packRows(operation, first);
  const b = packRows(operation, second);
  if (a.width !== b.width) {
    throw new EvaluationError(
      operation,
      `rows have ${a.width} and ${b.width} numbers`,
      'compare one metric with itself',
    );
  }
  return { a, b, count: first.rows.length };
}

/**
 * Paired bootstrap (Koehn, EMNLP 2004): both runs are scored on the same resamples. The range is that of the
 * differences; the p-value is twice the share of resamples that lie on the other side of zero, counting one more.
 *
 * @param first one run's scores by sample
 * @param second the other's, of the same samples in the same order
 * @throws EvaluationError if the runs do not fit together, or an option is out of range
 */
export function pairedBootstrap(
  first: SampleSums,
  second: SampleSums,
  options: IntervalOptions = {},
): RunDifferenceInterval {
  const { resamples, seed } = resamplingOf('pairedBootstrap', options);
  const confidence = confidenceOf('pairedBootstrap', options);
  const { a, b, count } = packPair('pairedBootstrap', first, second);
  const draw = seededIntegers(seed);
  const sumsA = new Float64Array(a.width);
  const sumsB = new Float64Array(a.width);
  const drawn = Float64Array.from({ length: resamples }, () => {
    sumsA.fill(0);
    sumsB.fill(0);
    for (let i = 0; i < count; i++) {
      const sample = draw(count);
      addRow(sumsA, a.packed, sample);
      addRow(sumsB, b.packed, sample);
    }
    return first.score(sumsA, count) - second.score(sumsB, count);
  }).sort();
  const notAbove = drawn.filter((difference) => difference <= 0).length;
  const notBelow = drawn.filter((difference) => difference >= 0).length;
  return {
    difference: scoreAll(a, first.score) - scoreAll(b, second.score),
    low: quantile(drawn, (1 - confidence) / 2),
    high: quantile(drawn, (1 + confidence) / 2),
    pValue: Math.min(1, (2 * (Math.min(notAbove, notBelow) + 1)) / (resamples + 1)),
  };
}

/**
 * Approximate randomisation (Noreen, 1989; Riezler and Maxwell, 2005): if the runs were equally good, it would not
 * matter which of the two gave which answer. The p-value is the share of random exchanges that make the difference at
 * least as large as it is, counting one more.
 *
 * @param first one run's scores by sample
 * @param second the other's, of the same samples in the same order
 * @throws EvaluationError if the runs do not fit together, or an option is out of range
 */
export function approximateRandomization(
  first: SampleSums,
  second: SampleSums,
  options: ResamplingOptions = {},
): RunDifference {
  const { resamples, seed } = resamplingOf('approximateRandomization', options);
  const { a, b, count } = packPair('approximateRandomization', first, second);
  const difference = scoreAll(a, first.score) - scoreAll(b, second.score);
  const draw = seededIntegers(seed);
  const sumsA = new Float64Array(a.width);
  const sumsB = new Float64Array(a.width);
  // Sums of the same numbers in another order differ in their last digits.
  const tolerance = 1e-12 * Math.max(1, Math.abs(difference));
  let asLarge = 0;
  for (let trial = 0; trial < resamples; trial++) {
    sumsA.fill(0);
    sumsB.fill(0);
    for (let i = 0; i < count; i++) {
      const exchanged = draw(2) === 1;
      addRow(sumsA, exchanged ? b.packed : a.packed, i);
      addRow(sumsB, exchanged ? a.packed : b.packed, i);
    }
    const own = first.score(sumsA, count) - second.score(sumsB, count);
    if (Math.abs(own) >= Math.abs(difference) - tolerance) asLarge++;
  }
  return { difference, pValue: (asLarge + 1) / (resamples + 1) };
}
