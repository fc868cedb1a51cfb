import type { Result, Row } from './row.js';

/** 3 significant digits with the usual prefix: 1.23 ms, 45.6 us. */
export function formatSeconds(seconds: number): string {
  for (const [unit, size] of [
    ['s', 1],
    ['ms', 1e-3],
    ['µs', 1e-6],
  ] as const)
    if (seconds >= size || unit === 'µs') return `${(seconds / size).toPrecision(3)} ${unit}`;
  return '';
}

export const formatRate = (rate: number, unit: Row['unit']): string =>
  `${(rate / 1e9).toPrecision(3)} ${unit === 'FLOP/s' ? 'GFLOP/s' : 'GB/s'}`;

const formatShare = ({ share }: Result): string =>
  share
    ? `${(100 * share.median).toFixed(1)} % (${(100 * share.lower).toFixed(1)}-${(100 * share.upper).toFixed(1)})`
    : '';

/** A row for the terminal: a line for ours, one for each peer. */
export function formatRow(row: Row): string {
  const title = `${row.family} ${row.label}, ${row.threads} thread${row.threads === 1 ? '' : 's'}${row.busy ? ' [busy]' : ''}`;
  const lines = row.results.map((result) => {
    const { contender, seconds, rate, timesOurs } = result;
    const parts = [
      `  ${contender.padEnd(24)}`,
      formatSeconds(seconds.median).padStart(9),
      rate ? formatRate(rate.median, row.unit).padStart(13) : ''.padStart(13),
      formatShare(result).padStart(20),
      timesOurs ? `ours is ${timesOurs.median.toFixed(2)}x` : '',
      ...Object.entries(result.extra ?? {}).map(([name, value]) => `${name} ${value}`),
    ];
    return parts.join('  ').trimEnd();
  });
  return [title, ...lines].join('\n');
}
