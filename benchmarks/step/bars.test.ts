import { expect, test } from 'vitest';
import type { Row } from '../harness/row.js';
import { stepBars } from './bars.js';
import { memoryFamily } from './measure-memory.js';
import {
  cachedLabel,
  encoderLabel,
  insideFamily,
  narrowWeights,
  oneThread,
  stepFamily,
  withCache,
} from './measure-time.js';

const summary = (median: number) => ({ median, lower: median, upper: median });

/** Times in seconds by contender, ours first. */
function row(family: string, label: string, times: Record<string, number>, extra = {}): Row {
  const [ours] = Object.values(times);
  const results = Object.entries(times).map(([contender, seconds], index) => ({
    contender,
    seconds: summary(seconds),
    ...(index > 0 ? { timesOurs: summary(seconds / ours!) } : {}),
    ...(extra as Record<string, object>)[contender],
  }));
  return { suite: 'step', family, label, threads: 2, samples: 3, results };
}

const rows = [
  row(stepFamily, cachedLabel, {
    ocelli: 2,
    [oneThread]: 3.8,
    [narrowWeights]: 1.6,
    torch: 5,
    'torch best': 3,
    'torch bfloat16': 2.4,
  }),
  row(stepFamily, encoderLabel, {
    ocelli: 6,
    [withCache]: 2,
    [narrowWeights]: 5,
    torch: 13.5,
    'torch best': 7.2,
    'torch bfloat16': 8,
  }),
  row(
    memoryFamily,
    encoderLabel,
    { ocelli: 6, torch: 12 },
    {
      ocelli: { extra: { peakResidentMegabytes: 900 } },
      torch: { extra: { peakResidentMegabytes: 2000 } },
    },
  ),
  row(insideFamily, cachedLabel, { ocelli: 2 }, { ocelli: { extra: { shareOutsideKernels: 0.01 } } }),
  row(insideFamily, encoderLabel, { ocelli: 2 }, { ocelli: { extra: { shareOutsideKernels: 0.03 } } }),
];

const value = (id: string): number | undefined => {
  const found = stepBars[id]!(rows);
  return 'value' in found ? found.value : undefined;
};

test('each bar takes its number from the rows, the least favourable one', () => {
  expect(value('step-float32-plain')).toBeCloseTo(2.25);
  expect(value('step-float32-best')).toBeCloseTo(1.2);
  expect(value('step-bfloat16')).toBeCloseTo(1.5);
  expect(value('epoch-cached')).toBeCloseTo(6.75);
  expect(value('step-memory')).toBeCloseTo(0.45);
  expect(value('step-outside-kernels')).toBeCloseTo(0.03);
  expect(value('step-threads')).toBeCloseTo(1.9);
});

test('a bar whose numbers were not measured says so', () => {
  expect(stepBars['step-allocations']!(rows)).toHaveProperty('missing');
  expect(stepBars['step-memory']!([])).toHaveProperty('missing');
  expect(stepBars['step-float32-best']!([row(stepFamily, cachedLabel, { ocelli: 1 })])).toHaveProperty(
    'missing',
  );
});
