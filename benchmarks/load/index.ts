import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { device } from '@ocelli/ops';
import type { BarMeasurer } from '../harness/bars.js';
import type { Row } from '../harness/row.js';
import { quantile, summarize } from '../harness/statistics.js';
import type { Bench, Suite } from '../harness/suite.js';
import { models, types } from './settings.js';
import type { LoadNumbers } from './worker.js';
import { writeCheckpoint } from './write-checkpoint.js';

const coldFamily = 'load from disk';
const warmFamily = 'load from the page cache';
const rounds = 3;
const megabyte = 1e6;

/** Loading checkpoints of full size beside reading their files, each time in a process of its own. */
export const loading: Suite = {
  name: 'load',
  about:
    'OPT-1.3B and ViT-L: from the file to the first token, beside reading the file once; takes 6 GB in the temporary folder',
  async run(bench) {
    if (process.platform !== 'linux') return bench.note('load: only Linux tells what the suite asks');
    for (const model of models) {
      for (const type of types) {
        const label = `${model.name}, ${type}`;
        const families = [coldFamily, ...(bench.barsOnly ? [] : [warmFamily])];
        const wanted = families.filter((family) => bench.wants(family, label));
        if (wanted.length === 0) continue;
        const directory = mkdtempSync(join(tmpdir(), 'ocelli-load-'));
        try {
          const file = writeCheckpoint(directory, model, type);
          execFileSync('sync', [file]);
          for (const family of wanted) await measure(bench, family, label, { directory, file, type });
        } finally {
          rmSync(directory, { recursive: true });
        }
      }
    }
  },
  bars: {
    'load-time': highest((seconds, reading) => seconds / reading, coldFamily),
    'load-memory': highest((_, __, extra) => extra.peakResidentMegabytes! / extra.packedMegabytes!),
    'load-twice': highest((_, __, extra) => extra.secondResidentMegabytes! / extra.packedMegabytes!),
  },
};

async function measure(
  bench: Bench,
  family: string,
  label: string,
  { directory, file, type }: { directory: string; file: string; type: string },
): Promise<void> {
  const prepare = (): void => {
    if (family === coldFamily) forget(file);
    else work('read', file);
  };
  const loads: LoadNumbers[] = [];
  const reads: number[] = [];
  const copies: number[] = [];
  for (let round = 0; round < rounds; round++) {
    prepare();
    reads.push(work<{ seconds: number }>('read', file).seconds);
    prepare();
    copies.push(work<{ seconds: number }>('keep', file).seconds);
    prepare();
    loads.push(work<LoadNumbers>('load', directory, type));
  }
  const of = (name: keyof LoadNumbers): number =>
    quantile(
      loads.map((numbers) => numbers[name]),
      0.5,
    );
  const megabytes = (name: keyof LoadNumbers): number => Math.round(of(name) / megabyte);
  const extra = {
    packedMegabytes: megabytes('packed'),
    peakResidentMegabytes: megabytes('peak'),
    secondSeconds: of('secondSeconds'),
    secondResidentMegabytes: megabytes('secondPeak'),
  };
  const results = [
    { contender: 'ocelli', seconds: summarize(loads.map(({ seconds }) => seconds)), extra },
    { contender: 'reading the file', seconds: summarize(reads) },
    { contender: 'reading it into new memory', seconds: summarize(copies) },
  ];
  await bench.add({ family, label, threads: device.threads, samples: rounds, results });
}

function work<Result>(...args: string[]): Result {
  const worker = fileURLToPath(new URL('worker.ts', import.meta.url));
  return JSON.parse(
    execFileSync(process.execPath, [...process.execArgv, worker, ...args]).toString(),
  ) as Result;
}

/** Takes a file out of the page cache, by what GNU dd calls `nocache`. */
function forget(file: string): void {
  execFileSync('dd', [`if=${file}`, 'iflag=nocache', 'count=0', 'status=none']);
}

/** The highest value over all rows, or those of a family. */
function highest(
  value: (seconds: number, reading: number, extra: Readonly<Record<string, number>>) => number,
  family?: string,
): BarMeasurer {
  return (rows: readonly Row[]) => {
    const values = rows
      .filter((row) => family === undefined || row.family === family)
      .map((row) => {
        const [ours, reading] = row.results;
        return {
          value: value(ours!.seconds.median, reading!.seconds.median, ours!.extra ?? {}),
          note: row.label,
        };
      });
    if (values.length === 0) return { missing: 'no such row was measured' };
    return values.reduce((most, found) => (found.value > most.value ? found : most));
  };
}
