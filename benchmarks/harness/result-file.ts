import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeAtomically } from '@ocelli/ops';
import type { Verdict } from './bars.js';
import type { Machine } from './machine.js';
import type { Row } from './row.js';

/** A file of benchmarks/results. */
export interface ResultFile {
  readonly machine: Machine;
  /** The arguments of `npm run bench`, without the paths. */
  readonly command: string;
  /** What other processes used of a core meanwhile, on average; null where the system does not tell. */
  readonly otherLoad: number | null;
  /** Measured although others loaded the cores: the numbers mean little. */
  readonly busy: boolean;
  readonly seconds: number;
  /** Empty if only some rows were measured. */
  readonly bars: readonly Verdict[];
  readonly rows: readonly Row[];
}

/** Six digits are more than any of these numbers has. */
const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;

export async function writeResult(path: string, result: ResultFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeAtomically(path, async (file) => {
    const { rows, bars, ...rest } = result;
    const lines = (values: readonly unknown[]) =>
      values.length === 0
        ? '[]'
        : `[\n${values.map((value) => `    ${JSON.stringify(value, rounded)}`).join(',\n')}\n  ]`;
    const head = JSON.stringify(rest, rounded, 2).slice(0, -2);
    await file.writeFile(`${head},\n  "bars": ${lines(bars)},\n  "rows": ${lines(rows)}\n}\n`);
  });
}
