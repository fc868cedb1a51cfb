// Reads 100,000 damaged files, 25,000 of each kind: npm run fuzz [-- CASES [TARGET [FIRST]]]. Cases are numbered, and the same number is the same
// case anywhere: `npm run fuzz -- 1 pickle 4711` runs one. Exits 1 if a case was neither read nor refused by name.
import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canary } from '../../packages/backbones/test/fuzz/hostile.js';
import { targets } from '../../packages/backbones/test/fuzz/targets.js';
import type { Report } from './worker.js';

/** A case that takes longer hangs; most take a millisecond. */
const longestSeconds = 20;

interface Count {
  read: number;
  refused: number;
  slowest: { milliseconds: number; index: number };
  peakMegabytes: number;
  failures: string[];
}

/** Runs cases [begin, end) of a target in a process of its own, and goes on in another one after a case that ended it. */
async function runTarget(name: string, begin: number, end: number, folder: string): Promise<Count> {
  const count: Count = {
    read: 0,
    refused: 0,
    slowest: { milliseconds: 0, index: 0 },
    peakMegabytes: 0,
    failures: [],
  };
  for (let next = begin; next < end; ) next = await runWorker(name, next, end, folder, count);
  return count;
}

function runWorker(name: string, begin: number, end: number, folder: string, count: Count): Promise<number> {
  const worker = fork(
    fileURLToPath(new URL('./worker.ts', import.meta.url)),
    [name, String(begin), String(end), folder],
    {
      cwd: folder,
      execArgv: [...process.execArgv, '--max-old-space-size=1024'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    },
  );
  let next = begin;
  let hangs = false;
  let lastWords = '';
  worker.stderr!.on('data', (part: Buffer) => {
    lastWords = (lastWords + part.toString()).slice(-2000);
  });
  const onHang = (): void => {
    hangs = true;
    worker.kill('SIGKILL');
  };
  let watch = setTimeout(onHang, 10 * longestSeconds * 1000); // it starts up first
  worker.on('message', (report: Report) => {
    clearTimeout(watch);
    watch = setTimeout(onHang, longestSeconds * 1000);
    next = report.index + 1;
    count.peakMegabytes = Math.max(count.peakMegabytes, report.residentMegabytes);
    if (report.failure !== null) count.failures.push(`${name} ${report.index}: ${report.failure}`);
    else count[report.outcome]++;
    if (report.milliseconds > count.slowest.milliseconds) count.slowest = report;
  });
  return new Promise((resolve) => {
    worker.on('close', (code, signal) => {
      clearTimeout(watch);
      if (next < end) {
        count.failures.push(
          `${name} ${next}: ${hangs ? 'hangs' : `ends the process (${signal ?? code}) ${lastWords}`}`,
        );
        next++;
      }
      resolve(next);
    });
  });
}

const [cases = '25000', only, first = '0'] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'ocelli-fuzz-'));
let failures: string[] = [];
try {
  for (const { name } of targets) {
    if (only !== undefined && only !== name) continue;
    const begin = performance.now();
    const count = await runTarget(name, Number(first), Number(first) + Number(cases), folder);
    failures = [...failures, ...count.failures];
    const seconds = ((performance.now() - begin) / 1000).toFixed(0);
    console.log(
      `${name}: ${count.read} read, ${count.refused} refused, ${count.failures.length} failed in ${seconds} s; ` +
        `slowest ${count.slowest.milliseconds.toFixed(0)} ms (case ${count.slowest.index}), ` +
        `at most ${count.peakMegabytes.toFixed(0)} MB resident`,
    );
  }
  if (existsSync(join(folder, canary))) failures.push(`a file executed a command`);
} finally {
  rmSync(folder, { recursive: true });
}
for (const failure of failures.slice(0, 20)) console.error(`✗ ${failure}`);
process.exitCode = failures.length > 0 ? 1 : 0;
