import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';

const tsx = join(dirname(createRequire(import.meta.url).resolve('tsx/package.json')), 'dist', 'loader.mjs');
const script = join(dirname(fileURLToPath(import.meta.url)), 'memory-cycles.ts');

it('stays flat over 300 cycles of load, train and dispose', () => {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--expose-gc', '--conditions=source', '--import', pathToFileURL(tsx).href, script, '300'],
    { encoding: 'utf8' },
  );
  expect(status, stderr).toBe(0);
  const samples = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { resident: number; allocated: number; systemAllocations: number });
  expect(samples).toHaveLength(30);
  // What the device holds is exact. Resident memory also has V8's heap in it, which settles during the first cycles, so
  // the means over cycles 100 to 200 and 200 to 300 are compared: 40 kB a cycle would show, one embedding table has 17.
  expect(samples.map(({ allocated }) => allocated)).toEqual(samples.map(() => 0));
  expect(samples.at(-1)!.systemAllocations).toBe(samples[4]!.systemAllocations);
  const mean = (part: typeof samples): number =>
    part.reduce((sum, { resident }) => sum + resident, 0) / part.length;
  const growth = mean(samples.slice(20)) - mean(samples.slice(10, 20));
  expect(growth, `resident memory grew by ${growth} bytes over 100 cycles`).toBeLessThan(4 << 20);
}, 240_000);
