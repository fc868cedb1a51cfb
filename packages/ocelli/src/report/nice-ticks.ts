/**
 * Round numbers for an axis: steps of 1, 2, 2.5 or 5 times a power of ten, from at or below `low` to at or above
 * `high`.
 *
 * @param count about how many intervals
 */
export function niceTicks(low: number, high: number, count: number): number[] {
  const span = high > low ? high - low : Math.abs(high) || 1;
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const interval = power * ([1, 2, 2.5, 5].find((factor) => factor * power >= rough * 0.999) ?? 10);
  const ticks: number[] = [];
  const last = Math.ceil(high / interval - 1e-9);
  for (let i = Math.floor(low / interval + 1e-9); i <= Math.max(last, Math.floor(low / interval) + 1); i++) {
    ticks.push(Number((i * interval).toPrecision(12)));
  }
  return ticks;
}
