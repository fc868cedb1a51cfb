import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { suites } from '../suites.js';
import { type Bar, formatBarNumber, formatVerdict, judge, lowest, shareOfPeak, timesFaster } from './bars.js';
import type { Row } from './row.js';

const same = (median: number) => ({ median, lower: median, upper: median });

function row(label: string, share: number, times: Record<string, number> = {}): Row {
  const peers = Object.entries(times).map(([contender, ratio]) => ({
    contender,
    seconds: same(ratio),
    timesOurs: same(ratio),
  }));
  const results = [{ contender: 'ocelli', seconds: same(1), share: same(share) }, ...peers];
  return { suite: 'kernels', family: 'gemm', label, threads: 1, samples: 1, results };
}

const bar = (id: string, limit: Partial<Bar>): Bar => ({ id, what: id, how: '', unit: '%', ...limit });

it('compares what was measured, and counts what was not as short', () => {
  const bars = [
    bar('a', { atLeast: 0.9 }),
    bar('b', { atLeast: 0.9 }),
    bar('c', { atMost: 0.5 }),
    bar('d', { atMost: 0.5 }),
    bar('e', { atLeast: 1 }),
    bar('f', { atLeast: 1 }),
  ];
  const value = (value: number) => () => ({ value, note: 'somewhere' });
  const measurers = {
    a: value(0.9),
    b: value(0.8999),
    c: value(0.5),
    d: value(0.51),
    e: () => ({ missing: 'no peer' }),
  };
  const verdicts = judge(bars, measurers, []);
  expect(verdicts.map(({ reached }) => reached)).toEqual([true, false, true, false, false, false]);
  expect(verdicts[4]).toMatchObject({ measured: null, note: 'no peer' });
  expect(verdicts[5]).toMatchObject({ measured: null, note: 'its suite did not run' });
  expect(() => judge(bars, { g: value(1) }, [])).toThrow('not in bars.json: g');
  expect(judge([bar('a', { atLeast: 0.9 })], { a: value(Number.NaN) }, [])[0]!.reached).toBe(false);
});

it('takes the lowest row, and says which', () => {
  const rows = [row('64 x 768', 0.95), row('256 x 768', 0.7), row('1024 x 768', 0.8)];
  expect(lowest(rows, shareOfPeak, 'no peak')).toEqual({
    value: 0.7,
    note: 'lowest of 3: 256 x 768, 1 thread',
  });
  expect(lowest([], shareOfPeak, 'no peak')).toEqual({ missing: 'no such row was measured' });
});

it('compares with the best of several peers, and misses a peer that is not there', () => {
  const rows = [row('a', 1, { torch: 2, 'torch packed': 1.2 }), row('b', 1, { torch: 1.5 })];
  expect(lowest(rows, timesFaster('torch', 'torch packed'), 'no torch')).toMatchObject({ value: 1.2 });
  expect(lowest(rows, timesFaster('torch packed'), 'no torch')).toEqual({
    missing: 'no torch (b, 1 thread)',
  });
});

it('tells what a ratio would be at the whole peak', () => {
  const rows = [row('a', 0.8, { torch: 1.2 }), row('b', 0.5, { torch: 2 })];
  expect(lowest(rows, timesFaster('torch'), 'no torch')).toMatchObject({ value: 1.2, ceiling: 1.2 / 0.8 });
  expect(lowest([row('a', 1.1, { torch: 0.9 })], timesFaster('torch'), '')).toMatchObject({ ceiling: 0.9 });
  const [verdict] = judge(
    [bar('a', { atLeast: 2, unit: 'x' })],
    { a: (found) => lowest(found, timesFaster('torch'), '') },
    rows,
  );
  expect(formatVerdict(verdict!)).toContain(
    '1.20x | short | lowest of 2: a, 1 thread | 1.50x at the whole peak',
  );
});

it('prints numbers with their unit', () => {
  expect([formatBarNumber(0.8512, '%'), formatBarNumber(2.204, 'x'), formatBarNumber(0, '')]).toEqual([
    '85.1 %',
    '2.20x',
    '0',
  ]);
});

it('prints bar, measured, verdict and note', () => {
  const bars = [bar('a', { atLeast: 0.9 }), bar('b', { atMost: 0.5, unit: 'x' })];
  const verdicts = judge(bars, { a: () => ({ value: 0.95, note: 'lowest of 3' }) }, []);
  expect(verdicts.map(formatVerdict)).toEqual([
    '✓ a (a)\n    at least 90.0 % | 95.0 % | reached | lowest of 3',
    '✗ b (b)\n    at most 0.50x | not measured | short | its suite did not run',
  ]);
});

it('has one limit for each bar, and no measurer without a bar', () => {
  const bars = JSON.parse(readFileSync(new URL('../bars.json', import.meta.url), 'utf8')) as Bar[];
  expect(new Set(bars.map(({ id }) => id)).size).toBe(bars.length);
  for (const { atLeast, atMost } of bars) expect([atLeast, atMost].filter(Number.isFinite)).toHaveLength(1);
  expect(() => judge(bars, Object.assign({}, ...suites.map((suite) => suite.bars)), [])).not.toThrow();
});
