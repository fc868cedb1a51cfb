import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  constantSchedule,
  cosineSchedule,
  epochCosineSchedule,
  linearSchedule,
  type Schedule,
} from './schedule.js';

interface Case {
  kind: 'cosine' | 'linear' | 'constant';
  lr: number;
  warmupSteps: number;
  totalSteps: number;
  /** The rate of transformers' scheduler before each step, and after the last. */
  values: number[];
}

const fixture = new URL('../../adapters/test/fixtures/lr-schedules.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(fixture, 'utf8')) as { cases: Case[] };

function make({ kind, warmupSteps, totalSteps }: Case): Schedule {
  if (kind === 'constant') return constantSchedule({ warmupSteps });
  return (kind === 'cosine' ? cosineSchedule : linearSchedule)({ steps: totalSteps, warmupSteps });
}

describe('schedules', () => {
  it.each(cases)(
    '$kind over $totalSteps steps with $warmupSteps of warm-up is as in transformers',
    (each) => {
      const schedule = make(each);
      for (const [step, value] of each.values.entries()) {
        expect(Math.abs(each.lr * schedule(step) - value)).toBeLessThanOrEqual(each.lr * 1e-14);
      }
    },
  );

  it('fall to the minimum and stay there', () => {
    const schedule = cosineSchedule({ steps: 10, warmupSteps: 2, minimumRatio: 0.1 });
    expect(schedule(1)).toBe(0.5);
    expect(schedule(2)).toBe(1);
    expect(schedule(6)).toBeCloseTo(0.55, 14);
    expect(schedule(10)).toBeCloseTo(0.1, 14);
    expect(schedule(13)).toBe(schedule(10));
  });

  it('can be nothing but warm-up', () => {
    const schedule = linearSchedule({ steps: 4, warmupSteps: 4 });
    expect([0, 1, 2, 3, 4, 5].map(schedule)).toEqual([0, 0.25, 0.5, 0.75, 1, 0]);
  });

  // The rates that eP-ALM's released code prints for 8 epochs from 2e-5 to 1e-6, with a warm-up from 1e-5.
  it('once an epoch, with stairs in the first, as the released eP-ALM', () => {
    const rate = 2e-5;
    const stepsPerEpoch = 1000;
    const schedule = epochCosineSchedule({
      stepsPerEpoch,
      epochs: 8,
      warmupSteps: 400,
      startRatio: 1e-5 / rate,
      minimumRatio: 1e-6 / rate,
    });
    const stairs = [0, 99, 100, 250, 399, 400, 999].map((step) => rate * schedule(step));
    for (const [i, expected] of [1e-5, 1e-5, 1.25e-5, 1.5e-5, 1.75e-5, 2e-5, 2e-5].entries())
      expect(stairs[i]).toBeCloseTo(expected, 12);
    const epochs = [1.928e-5, 1.722e-5, 1.414e-5, 1.05e-5, 6.865e-6, 3.782e-6, 1.723e-6];
    for (const [i, expected] of epochs.entries()) {
      for (const step of [0, stepsPerEpoch - 1])
        expect(rate * schedule((i + 1) * stepsPerEpoch + step)).toBeCloseTo(expected, 8);
    }
    expect(rate * schedule(8 * stepsPerEpoch)).toBeCloseTo(1e-6, 12);
  });

  it('warm up from a rate above 0', () => {
    const schedule = cosineSchedule({ steps: 8, warmupSteps: 4, startRatio: 0.5 });
    expect([0, 1, 2, 3, 4, 8].map(schedule)).toEqual([0.5, 0.625, 0.75, 0.875, 1, 0]);
  });

  it('say what is wrong', () => {
    expect(() => epochCosineSchedule({ stepsPerEpoch: 0, epochs: 1 })).toThrow(
      '[epochCosineSchedule] stepsPerEpoch must be a whole number from 1, got 0',
    );
    expect(() => constantSchedule({ startRatio: 2 })).toThrow('startRatio must be from 0 to 1, got 2');
    expect(() => cosineSchedule({ steps: 0 })).toThrow(
      '[cosineSchedule] steps must be a whole number from 1, got 0',
    );
    expect(() => linearSchedule({ steps: 5, warmupSteps: 6 })).toThrow('only 5 steps; warm up for fewer');
    expect(() => constantSchedule({ warmupSteps: -1 })).toThrow(
      'warmupSteps must be a whole number from 0, got -1',
    );
    expect(() => cosineSchedule({ steps: 5, minimumRatio: 2 })).toThrow(
      'minimumRatio must be from 0 to 1, got 2',
    );
  });
});
