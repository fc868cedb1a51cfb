import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { OcelliError } from '@ocelli/ops';

const lineStart = '{"step":';

/** One line of a log: the step it belongs to (1 for the first) and whatever was measured. */
export interface MetricsRecord {
  readonly step: number;
  readonly [name: string]: unknown;
}

/** An append-only file of JSON lines, one record each. A line is written whole; `sync` brings all of them to disk. */
export class MetricsLog {
  readonly path: string;
  #file: number | null;

  /**
   * Opens a log to append to, and makes its folder if need be.
   *
   * @param lastStep lines of later steps are cut off, and so is a last line that was not written to its end: a resumed
   *   run writes them again. 0 starts the file anew.
   */
  constructor(path: string, lastStep: number) {
    this.path = path;
    mkdirSync(dirname(path), { recursive: true });
    const keep = existsSync(path) ? bytesThrough(path, lastStep) : 0;
    this.#file = openSync(path, 'a');
    ftruncateSync(this.#file, keep);
  }

  append(record: MetricsRecord): void {
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    for (let done = 0; done < line.length; ) done += writeSync(this.#open(), line, done);
  }

  /** Returns when every line so far is on disk. */
  sync(): void {
    fsyncSync(this.#open());
  }

  close(): void {
    if (this.#file === null) return;
    this.sync();
    closeSync(this.#file);
    this.#file = null;
  }

  #open(): number {
    if (this.#file === null)
      throw new OcelliError('metrics', `${this.path} is closed; append before close()`);
    return this.#file;
  }
}

/** The records of a log; a last line that was not written to its end is left out. */
export function readMetricsLog(path: string): MetricsRecord[] {
  return [...completeLines(path)].map(({ record }) => record);
}

function bytesThrough(path: string, lastStep: number): number {
  let keep = 0;
  for (const { record, end } of completeLines(path)) {
    if (record.step > lastStep) break;
    keep = end;
  }
  return lastStep === 0 ? 0 : keep;
}

function* completeLines(path: string): Iterable<{ record: MetricsRecord; end: number }> {
  const bytes = readFileSync(path);
  for (let begin = 0, line = 1; begin < bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, begin);
    if (newline < 0) {
      const rest = bytes.toString('utf8', begin);
      // A line that was cut off begins as every line does; anything else is a file of another kind.
      if (!rest.startsWith(lineStart) && !lineStart.startsWith(rest)) parseRecord(path, line, rest);
      return;
    }
    yield { record: parseRecord(path, line, bytes.toString('utf8', begin, newline)), end: newline + 1 };
    begin = newline + 1;
  }
}

function parseRecord(path: string, line: number, text: string): MetricsRecord {
  try {
    const record = JSON.parse(text) as MetricsRecord;
    if (typeof record?.step === 'number') return record;
  } catch {
    // falls through to the error below
  }
  throw new OcelliError(
    'metrics',
    `line ${line} of ${path} is no record of a step: ${text.slice(0, 80)}; it is not a metrics log, so choose another path`,
  );
}
