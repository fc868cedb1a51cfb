/** Median and quartiles of a handful of samples. */
export interface Summary {
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
}

/** The value below which a `fraction` of the samples lies, linear between neighbours (as numpy.quantile). */
export function quantile(samples: readonly number[], fraction: number): number {
  if (samples.length === 0) throw new Error('[quantile] no samples');
  const sorted = [...samples].sort((a, b) => a - b);
  const position = fraction * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}

export function summarize(samples: readonly number[]): Summary {
  return { median: quantile(samples, 0.5), lower: quantile(samples, 0.25), upper: quantile(samples, 0.75) };
}
