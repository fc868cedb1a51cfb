import { EvaluationError } from '../evaluation-error.js';

/**
 * A score of a corpus as a function of sums over its samples, which is what resampling needs: a resample adds rows up,
 * and no caption is compared again. Every metric of this package can be written so.
 */
export interface SampleSums {
  /** What each sample adds: `[samples][width]`. */
  readonly rows: readonly ArrayLike<number>[];
  /** The score of added rows `[width]` of `count` samples. */
  readonly score: (sums: Float64Array, count: number) => number;
}

/** A score that is the mean of its samples' scores: ROUGE-L, SPICE, accuracies, CIDEr. */
export function meanOf(perSample: readonly number[]): SampleSums {
  return { rows: perSample.map((score) => [score]), score: (sums, count) => sums[0]! / count };
}

/** The rows one after the other, `[samples, width]`, and their width. */
export function packRows(operation: string, { rows }: SampleSums): { packed: Float64Array; width: number } {
  const width = rows[0]?.length ?? 0;
  if (width === 0) {
    throw new EvaluationError(operation, `got ${rows.length} samples`, 'pass at least one, with its numbers');
  }
  const packed = new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    if (row.length !== width) {
      throw new EvaluationError(
        operation,
        `rows[${i}] has ${row.length} numbers, rows[0] has ${width}`,
        'pass rows of one width',
      );
    }
    for (let c = 0; c < width; c++) {
      if (!Number.isFinite(row[c])) {
        throw new EvaluationError(operation, `rows[${i}][${c}] is ${row[c]}`, 'pass finite numbers');
      }
      packed[i * width + c] = row[c]!;
    }
  });
  return { packed, width };
}

/** The score of all samples. */
export function scoreAll(
  { packed, width }: { packed: Float64Array; width: number },
  score: SampleSums['score'],
): number {
  const sums = new Float64Array(width);
  const count = packed.length / width;
  for (let i = 0; i < count; i++) addRow(sums, packed, i);
  return score(sums, count);
}

/** Adds row `index` of packed rows to `sums`. */
export function addRow(sums: Float64Array, packed: Float64Array, index: number): void {
  const width = sums.length;
  for (let c = 0; c < width; c++) sums[c]! += packed[index * width + c]!;
}
