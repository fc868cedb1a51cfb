import { expect, it } from 'vitest';
import type { Contender } from './case.js';
import { measureCase } from './measure-case.js';

/** A contender that claims to need so many seconds a call. */
function claims(name: string, seconds: readonly number[], log: string[]): Contender {
  let call = 0;
  return {
    name,
    run: async (repeats) => {
      log.push(name);
      return repeats * seconds[Math.min(call++, seconds.length - 1)]!;
    },
    release: async () => {
      log.push(`release ${name}`);
    },
  };
}

it('takes turns, sets each sample between its two peaks, and compares round by round', async () => {
  const log: string[] = [];
  // Warm-up, calibration, then three rounds.
  const contenders = [
    claims('ocelli', [0.4, 0.1, 0.1, 0.2, 0.1], log),
    claims('torch', [0.4, 0.2, 0.2, 0.6, 0.3], log),
  ];
  let peak = 0;
  const test = {
    family: 'gemm',
    label: 'a',
    threads: 1,
    operations: 100,
    samples: 3,
    seconds: 60,
    contenders: async () => contenders,
  };
  const row = await measureCase('kernels', test, async () => {
    peak += 1000;
    return peak;
  });
  expect(log).toEqual([
    ...['ocelli', 'ocelli', 'torch', 'torch'],
    ...['ocelli', 'torch', 'ocelli', 'torch', 'ocelli', 'torch'],
    ...['release ocelli', 'release torch'],
  ]);
  expect(row).toMatchObject({ suite: 'kernels', family: 'gemm', label: 'a', unit: 'FLOP/s', samples: 3 });
  const [ours, torch] = row.results;
  expect(ours!.seconds).toMatchObject({ median: 0.1, lower: 0.1 });
  expect(ours!.rate!.median).toBeCloseTo(1000);
  // Peaks 2000 | 3000 | 4000 | ...: ours lies between 2000 and 3000, 4000 and 5000, 6000 and 7000.
  expect(ours!.share!.median).toBeCloseTo(1000 / 6500);
  expect(ours!.share!.upper).toBeCloseTo((1000 / 2500 + 1000 / 6500) / 2);
  // Ratios 2, 3, 3 of the rounds.
  expect(torch!.timesOurs!.median).toBeCloseTo(3);
  expect(torch!.timesOurs!.lower).toBeCloseTo(2.5);
  expect(ours!.timesOurs).toBeUndefined();
});

it('asks one who is far too slow only twice, and still compares', async () => {
  const log: string[] = [];
  const test = {
    family: 'gemm',
    label: 'a',
    threads: 1,
    samples: 3,
    seconds: 1,
    contenders: async () => [claims('ocelli', [0.5, 0.5, 0.25], log), claims('torch', [8, 10], log)],
  };
  const row = await measureCase('kernels', test, async () => undefined);
  expect(log.filter((name) => name === 'torch')).toHaveLength(2);
  expect(row.results[1]).toMatchObject({ seconds: { median: 10 }, timesOurs: { median: 40 } });
  expect(row.samples).toBe(3);
});

it('releases contenders when one fails', async () => {
  const log: string[] = [];
  const broken: Contender = { ...claims('torch', [1], log), run: () => Promise.reject(new Error('gone')) };
  const contenders = async () => [claims('ocelli', [0.01], log), broken];
  const test = { family: 'gemm', label: 'a', threads: 1, contenders };
  await expect(measureCase('kernels', test, async () => undefined)).rejects.toThrow('gone');
  expect(log.slice(-2)).toEqual(['release ocelli', 'release torch']);
});

it('gives no rate where nothing says what the work is', async () => {
  const contenders = async () => [claims('ocelli', [0.01], [])];
  const row = await measureCase(
    'step',
    { family: 'step', label: 'a', threads: 1, contenders },
    async () => undefined,
  );
  expect(row.unit).toBeUndefined();
  expect(Object.keys(row.results[0]!)).toEqual(['contender', 'seconds']);
});
