import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { benchmarksPage } from './page.js';
import { readResults } from './read-results.js';

it('is what docs/benchmarks.md says (npm run docs:benchmarks writes it)', () => {
  const page = readFileSync(new URL('../../docs/benchmarks.md', import.meta.url), 'utf8');
  expect(page).toBe(benchmarksPage(readResults()));
});

it('draws a line for each row, with the shares and the ratios of each peer', () => {
  const same = (median: number) => ({ median, lower: median, upper: median });
  const result = {
    machine: {
      processor: 'a processor',
      cores: 2,
      isa: 'avx2',
      features: [],
      lastCacheBytes: 33554432,
      memoryBytes: 2 ** 34,
      platform: 'linux-x64',
      node: 'v20',
      date: '2026-01-02T03:04:05Z',
      peers: { PyTorch: '2.13' },
    },
    command: 'kernels --threads 1',
    otherLoad: 0.031,
    busy: false,
    seconds: 12,
    bars: [
      {
        id: 'a',
        what: 'GEMM',
        how: 'lowest',
        atLeast: 0.9,
        unit: '%' as const,
        measured: 0.95,
        note: '64 x 768',
        reached: true,
        ceiling: 1.5,
      },
    ],
    rows: [
      {
        suite: 'kernels',
        family: 'gemm',
        label: '64 x 768',
        threads: 1,
        unit: 'FLOP/s' as const,
        samples: 3,
        results: [
          { contender: 'ocelli', seconds: same(0.0012), rate: same(6.1e10), share: same(0.824) },
          { contender: 'torch', seconds: same(0.0024), share: same(0.412), timesOurs: same(2) },
        ],
      },
      {
        suite: 'kernels',
        family: 'gemm',
        label: '1 x 768',
        threads: 2,
        samples: 3,
        results: [{ contender: 'ocelli', seconds: same(3e-6), extra: { bytes: 7 } }],
      },
    ],
  };
  const page = benchmarksPage({ machine: result });
  expect(page).toContain('| GEMM | lowest | at least 90.0 % | 95.0 % | reached | 150.0 % | 64 x 768 |');
  expect(page).toContain('| case | threads | ours | rate | of the peak | bytes | torch |');
  expect(page).toContain(
    '| 64 x 768 | 1 | 1.20 ms | 61.0 GFLOP/s | 82 % (82 %–82 %) |  | 2.40 ms, 41 % (2.00x) |',
  );
  expect(page).toContain('| 1 x 768 | 2 | 3.00 µs |  |  | 7 |  |');
  expect(page).toContain('PyTorch 2.13. `npm run bench -- kernels --threads 1` took 12 s');
  expect(page).not.toContain('busy');
  expect(benchmarksPage({ machine: { ...result, busy: true } })).toContain('The machine was busy');
});
