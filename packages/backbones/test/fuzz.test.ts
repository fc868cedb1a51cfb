import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { canary } from './fuzz/hostile.js';
import { runCase, targets } from './fuzz/targets.js';

const folder = mkdtempSync(join(tmpdir(), 'ocelli-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true }));

// `npm run fuzz` runs many more of the same cases, with a limit of time for each.
it.each(targets)('reads or refuses damaged files: $name', async (target) => {
  const outcomes = { read: 0, refused: 0 };
  for (let index = 0; index < 1000; index++) {
    try {
      outcomes[(await runCase(target, folder, index)).outcome]++;
    } catch (error) {
      throw new Error(`case ${index}: ${(error as Error).stack}`, { cause: error });
    }
  }
  // Neither all sound nor all so broken that nothing behind the first check is reached.
  expect(outcomes.read).toBeGreaterThan(20);
  expect(outcomes.refused).toBeGreaterThan(200);
  expect(existsSync(join(process.cwd(), canary)) || existsSync(join(folder, canary))).toBe(false);
});
