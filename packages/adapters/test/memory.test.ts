import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';

const tsx = join(dirname(createRequire(import.meta.url).resolve('tsx/package.json')), 'dist', 'loader.mjs');
const script = join(dirname(fileURLToPath(import.meta.url)), 'memory-cycles.ts');

it('stays flat over 200 cycles of load, train and dispose', () => {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--expose-gc', '--conditions=source', '--import', pathToFileURL(tsx).href, script, '200'],
    { encoding: 'utf8' },
  );
  expect(status, stderr).toBe(0);
  const samples = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { resident: number; allocated: number; systemAllocations: number });
  expect(samples).toHaveLength(20);
  const [warm, last] = [samples[4]!, samples.at(-1)!];
  // What the device holds is exact; resident memory has the noise of V8's heap, but a leak of one tensor per cycle shows.
  expect(samples.map(({ allocated }) => allocated)).toEqual(samples.map(() => 0));
  expect(last.systemAllocations).toBe(warm.systemAllocations);
  const growth = last.resident - warm.resident;
  expect(growth, `resident memory grew by ${growth} bytes over 150 cycles`).toBeLessThan(12 << 20);
}, 240_000);
