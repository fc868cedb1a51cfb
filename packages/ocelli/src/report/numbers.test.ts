import { describe, expect, it } from 'vitest';
import { bestMethods } from './best-methods.js';
import { exampleReport } from './example-report.js';
import { formatCount, formatDuration, formatScore, formatShare } from './format-number.js';
import { niceTicks } from './nice-ticks.js';
import { thinCurve } from './thin-curve.js';

describe('numbers of the report', () => {
  it('writes shares with two significant digits', () => {
    expect([0, 0.0021, 0.021, 0.4513, 1.75, 12.34, 100].map(formatShare)).toEqual([
      '0 %',
      '0.0021 %',
      '0.021 %',
      '0.45 %',
      '1.75 %',
      '12.3 %',
      '100.0 %',
    ]);
  });

  it('writes counts, scores and durations', () => {
    expect(formatCount(1234567)).toBe('1,234,567');
    expect(formatScore(undefined)).toBe('–');
    expect(formatScore(1.005, 2)).toBe('1.00');
    expect([8.44, 9.97, 59.6, 3599.7, 3720].map(formatDuration)).toEqual([
      '8.4 s',
      '10 s',
      '1 min 0 s',
      '1 h 0 min',
      '1 h 2 min',
    ]);
  });

  it('chooses round ticks that enclose the range', () => {
    expect(niceTicks(0, 8.1, 4)).toEqual([0, 2.5, 5, 7.5, 10]);
    expect(niceTicks(0, 0.3, 3)).toEqual([0, 0.1, 0.2, 0.3]);
    expect(niceTicks(0, 500, 5)).toEqual([0, 100, 200, 300, 400, 500]);
    for (const [low, high] of [
      [0, 0],
      [5, 5],
      [-3, 2],
      [0, 1e-9],
      [0, 12345],
    ] as const) {
      const ticks = niceTicks(low, high, 5);
      expect(ticks[0]).toBeLessThanOrEqual(low);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(high);
      expect(ticks.length).toBeGreaterThan(1);
    }
  });

  it('thins a curve to means and keeps a short one', () => {
    const curve = Array.from({ length: 10 }, (_, i) => ({ step: i, loss: i }));
    expect(thinCurve(curve, 10)).toEqual({ points: curve, size: 1 });
    expect(thinCurve(curve, 3)).toEqual({
      points: [
        { step: 2, loss: 1.5 },
        { step: 6, loss: 5.5 },
        { step: 9, loss: 8.5 },
      ],
      size: 4,
    });
    expect(thinCurve([{ step: 0, loss: Number.NaN }], 3).points).toEqual([]);
  });

  it('shares the best place among scores that read the same', () => {
    const [metric] = exampleReport().metrics;
    const methods = exampleReport().methods.map((method, i) => ({
      ...method,
      scores: { s: { exactMatch: [50.01, 50.04, 49][i] } },
    }));
    expect(bestMethods(methods, 's', metric!)).toEqual(new Set(['epalm', 'limber']));
    expect(bestMethods(methods, 's', { ...metric!, lowerIsBetter: true })).toEqual(new Set(['magma']));
    expect(bestMethods(methods.slice(0, 1), 's', metric!)).toEqual(new Set());
  });
});
