import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseProcess, readProcesses, usedBetween } from './processor-use.js';

it('counts a process and its ended children, whatever its name', () => {
  const fields = '1 1 1 0 -1 4194304 300 0 0 0 250 50 7 3 20 0 4 0 12345 1000000 500';
  expect(parseProcess(`4242 (node) S ${fields}`)).toEqual({ name: 'node', seconds: 3.1 });
  expect(parseProcess(`4242 (a) b) S 5) S ${fields}`)).toMatchObject({ name: 'a) b) S 5' });
  for (const wrong of ['', '4242 (node)', 'cpu 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17'])
    expect(() => parseProcess(wrong)).toThrow('no /proc/PID/stat');
});

it('adds up what was used, by those who began and ended too, and names the first of them', () => {
  const use = (name: string, seconds: number) => ({ name, seconds });
  const before = new Map([
    [1, use('init', 5)],
    [2, use('shell', 1)],
    [3, use('compiler', 7)],
  ]);
  // The compiler has ended after one more second, which the shell inherits with the rest; an editor has begun.
  const after = new Map([
    [1, use('init', 5)],
    [2, use('shell', 9)],
    [4, use('editor', 0.5)],
  ]);
  expect(usedBetween(before, after)).toEqual({ seconds: 1.5, most: 'shell, process 2' });
  expect(usedBetween(before, before)).toEqual({ seconds: 0, most: '' });
});

const spin = (seconds: number) =>
  `const used = () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6; while (used() < ${seconds});`;

it.runIf(existsSync('/proc/self/stat'))('sees what a process has used, unless it is one of ours', () => {
  const own = new Set<number>();
  const before = readProcesses(own)!;
  spawnSync(process.execPath, ['-e', spin(0.4)]);
  const after = readProcesses(own)!;
  const mine = (processes: typeof before) => new Map([[process.pid, processes.get(process.pid)!]]);
  expect(usedBetween(mine(before), mine(after)).seconds).toBeGreaterThan(0.35);
  expect(readProcesses(new Set([process.pid]))!.has(process.pid)).toBe(false);
});
