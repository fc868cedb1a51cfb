// Set up before the tests where OCELLI_PROOF names a folder: keeps what each test did with kernels, a file of JSON for each
// file of tests, for the coverage table (tools/cuda/coverage.mjs).
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach } from 'vitest';
import { device } from '../src/core/device.js';

/** What one test did. */
interface TestProof {
  readonly name: string;
  readonly passed: boolean;
  /** `NAME PRECISION SCALARS...` of every call of a kernel, each once. A processor's kernels have no precision: `-`. */
  readonly calls: readonly string[];
  /** `NAME ADDRESS` of what the kernels launched, each once: places in the executor's addon. */
  readonly launches: readonly string[];
}

const folder = process.env.OCELLI_PROOF!;
const lines = join(folder, `launches-${process.pid}.txt`);
const emulated = device.isa === 'cuda-emulated';
// The executor's part of the process reads it, and forgets it with the process.
if (emulated) process.env.SIMT_LAUNCHES = lines;

const tests: TestProof[] = [];

beforeEach(async () => {
  if (emulated) rmSync(lines, { force: true });
  else await device.startProfile();
});

afterEach(async ({ task }) => {
  const calls = new Set<string>();
  const launches = new Set<string>();
  if (emulated) {
    await device.synchronize();
    let kernel = '';
    for (const line of existsSync(lines) ? readFileSync(lines, 'utf8').split('\n') : []) {
      const [kind, name, ...rest] = line.split(' ');
      if (kind === 'call') {
        kernel = name!;
        calls.add([name, ...rest].join(' '));
      } else if (kind === 'launch') launches.add(`${kernel} ${name}`);
    }
  } else {
    for (const { kernel, scalars } of await device.stopProfile())
      calls.add([kernel, '-', ...scalars].join(' '));
  }
  const names: string[] = [];
  for (let at: typeof task | typeof task.suite = task; at?.name; at = at.suite) names.unshift(at.name);
  tests.push({
    name: names.join(' > '),
    passed: task.result?.state === 'pass',
    calls: [...calls],
    launches: [...launches],
  });
});

afterAll(() => {
  rmSync(lines, { force: true });
  const file = join(folder, `proof-${process.pid}-${Date.now()}.json`);
  writeFileSync(file, JSON.stringify({ isa: device.isa, seed: process.env.SIMT_SEED ?? null, tests }));
});
