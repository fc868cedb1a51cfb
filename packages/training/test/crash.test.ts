import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { latestCheckpoint, readMetricsLog } from '../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'ocelli-crash-'));
afterAll(() => rmSync(folder, { recursive: true }));

function start(directory: string): ChildProcess {
  const script = fileURLToPath(new URL('crash-child.ts', import.meta.url));
  const tsx = import.meta.resolve('tsx');
  return spawn(process.execPath, ['--conditions=source', '--import', tsx, script, directory], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs to the end, or kills with SIGKILL some time after that many steps of this run. */
async function run(directory: string, killAfterSteps = Infinity): Promise<'finished' | 'killed'> {
  const child = start(directory);
  let errors = '';
  child.stderr!.on('data', (data: Buffer) => {
    errors += data;
  });
  let steps = 0;
  child.stdout!.on('data', async (data: Buffer) => {
    steps += data.toString().split('\n').length - 1;
    if (steps < killAfterSteps) return;
    await wait(Math.random() * 30);
    child.kill('SIGKILL');
  });
  const [code, signal] = await once(child, 'exit');
  if (signal === 'SIGKILL') return 'killed';
  expect(code, errors).toBe(0);
  return 'finished';
}

/** Everything in the log but the time that steps took. */
function records(directory: string): unknown[] {
  return readMetricsLog(join(directory, 'metrics.jsonl')).map(({ seconds: _, ...record }) => record);
}

it('goes on to the bit after SIGKILL at any moment', { timeout: 600_000 }, async () => {
  const whole = join(folder, 'whole');
  const broken = join(folder, 'broken');
  expect(await run(whole)).toBe('finished');
  let kills = 0;
  while ((await run(broken, kills < 5 ? 1 + Math.floor(Math.random() * 12) : Infinity)) === 'killed') kills++;
  expect(kills).toBeGreaterThanOrEqual(2);

  const expected = records(whole);
  expect(expected).toHaveLength(40 + 4);
  expect(records(broken)).toEqual(expected);
  const [a, b] = [latestCheckpoint(whole)!, latestCheckpoint(broken)!];
  expect(b.state.step).toBe(40);
  for (const part of ['parameters', 'optimizer'] as const) {
    expect(readFileSync(b.files[part]).equals(readFileSync(a.files[part])), part).toBe(true);
  }
  expect(readdirSync(broken).sort()).toEqual(['metrics.jsonl', 'step-000039', 'step-000040']);
});
