import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { features, recordBytes, shapeOf } from '../test/feature-numbers.js';
import { FeatureCache } from './feature-cache.js';
import { randomFrom } from './random.js';

const temporary = () => mkdtemp(join(tmpdir(), 'ocelli-cache-processes-'));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const worker = fileURLToPath(new URL('../test/cache-worker.ts', import.meta.url));

/** A process that looks up and puts, with the numbers whose features it said to have put. */
function start(...args: readonly (string | number)[]): {
  readonly child: ChildProcess;
  readonly acknowledged: Set<number>;
  readonly ended: Promise<unknown[]>;
} {
  const child = spawn(process.execPath, ['--import', tsx, worker, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged = new Set<number>();
  let line = '';
  child.stdout.on('data', (text: Buffer) => {
    const lines = `${line}${text}`.split('\n');
    line = lines.pop()!;
    for (const number of lines) acknowledged.add(Number(number));
  });
  return { child, acknowledged, ended: once(child, 'close') };
}

async function bytesOf(directory: string): Promise<number> {
  const sizes = (await readdir(directory)).map(async (name) => (await stat(join(directory, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

describe('a feature cache of several processes', () => {
  it('has everything that one of them acknowledged, also those that were killed', async () => {
    const directory = await temporary();
    const random = randomFrom('kills');
    const keys = 3000;
    const runs = [1, 2, 3].map((seed) => start(directory, `seed ${seed}`, 100_000, keys));
    for (const { child } of runs) {
      await once(child.stdout!, 'data');
      await new Promise((later) => setTimeout(later, 150 * random()));
      child.kill('SIGKILL');
    }
    await Promise.all(runs.map(({ ended }) => ended));
    await using cache = await FeatureCache.open(directory);
    const acknowledged = new Set(runs.flatMap((run) => [...run.acknowledged]));
    expect(acknowledged.size).toBeGreaterThan(0);
    for (const number of acknowledged)
      expect(await cache.get(`key ${number}`)).toEqual({ data: features(number), shape: shapeOf(number) });
    // Beside them at most what was under way when they were killed, and that is right too.
    for (let number = 0; number < keys; number++) {
      const entry = await cache.get(`key ${number}`);
      if (entry) expect(entry.data).toEqual(features(number));
    }
    expect(cache.size - acknowledged.size).toBeLessThan(4 * 200);
  });

  it('gives no wrong values while they make room for each other, and keeps to its bound', async () => {
    const directory = await temporary();
    const keys = 300;
    const maxBytes = 60 * recordBytes(1);
    const runs = [1, 2, 3, 4].map((seed) => start(directory, `seed ${seed}`, 400, keys, maxBytes));
    await once(runs[3]!.child.stdout!, 'data');
    runs[3]!.child.kill('SIGKILL');
    const ends = await Promise.all(runs.map(({ ended }) => ended));
    expect(ends.slice(0, 3).map(([code]) => code)).toEqual([0, 0, 0]);
    // Each of those that wrote at once may have found the same room free for its four records.
    expect(await bytesOf(directory)).toBeLessThanOrEqual(maxBytes + 4 * 4 * recordBytes(2));
    await using cache = await FeatureCache.open(directory, { maxBytes });
    expect(await bytesOf(directory)).toBeLessThanOrEqual(maxBytes);
    let found = 0;
    for (let number = 0; number < keys; number++) {
      const entry = await cache.get(`key ${number}`);
      if (entry === undefined) continue;
      expect(entry.data).toEqual(features(number));
      found++;
    }
    expect(found).toBe(cache.size);
  });

  it.skipIf(process.platform === 'win32')(
    'says when a file can grow no further, and keeps what is whole',
    async () => {
      const directory = await temporary();
      // A limit of 4 blocks of 1024 bytes, with the signal off that would end the process: the write itself fails then.
      const limited = `trap '' XFSZ; ulimit -f 4; exec "$0" "$@"`;
      const { status, stdout, stderr } = spawnSync(
        'bash',
        ['-c', limited, process.execPath, '--import', tsx, worker, directory, 'full', '1000', '1000'],
        { encoding: 'utf8' },
      );
      expect(status).toBe(1);
      expect(stderr).toContain(`[dataset] cannot write to the feature cache ${directory} (EFBIG`);
      const acknowledged = [...new Set(stdout.trim().split('\n').map(Number))];
      expect(acknowledged.length).toBeGreaterThan(10);
      // What was cut off has been taken back: only whole records take room.
      const whole = acknowledged.reduce((sum, number) => sum + recordBytes(number), 0);
      expect(await bytesOf(directory)).toBe(whole);
      await using cache = await FeatureCache.open(directory);
      expect(cache.size).toBe(acknowledged.length);
      for (const number of acknowledged)
        expect((await cache.get(`key ${number}`))!.data).toEqual(features(number));
    },
  );
});
