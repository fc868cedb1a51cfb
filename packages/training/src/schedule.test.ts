import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { constantSchedule, cosineSchedule, linearSchedule, type Schedule } from './schedule.js';

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

  it('say what is wrong', () => {
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
