import type { ByteSource } from './byte-source.js';
import { GrowingNumbers } from './growing-numbers.js';

/** Where the lines of a file are, a run of 64 of them at a time. Lines with nothing but spaces do not count. */
export interface LineRuns {
  readonly lines: number;
  /** Byte at which each run begins. */
  readonly offsets: Float64Array;
  /** Number of the first line of each run, from 1, as a person counts. */
  readonly numbers: Float64Array;
}

/** Lines that are read at once. */
export const linesPerRun = 64;

const pieceSize = 1 << 20;
const newline = 0x0a;

/** Finds the lines of a file, keeping 16 bytes for every 64 of them. */
export async function findLineRuns(source: ByteSource): Promise<LineRuns> {
  const offsets = new GrowingNumbers();
  const numbers = new GrowingNumbers();
  let lines = 0;
  let number = 1;
  let lineStart = 0;
  let blank = true;
  const end = (): void => {
    if (!blank) {
      if (lines % linesPerRun === 0) {
        offsets.push(lineStart);
        numbers.push(number);
      }
      lines++;
    }
    number++;
    blank = true;
  };
  for (let start = 0; start < source.size; start += pieceSize) {
    const piece = await source.read(start, Math.min(start + pieceSize, source.size));
    for (let at = 0; at < piece.length; ) {
      const found = piece.indexOf(newline, at);
      const until = found === -1 ? piece.length : found;
      while (blank && at < until) blank = piece[at++]! <= 0x20;
      if (found === -1) break;
      end();
      at = found + 1;
      lineStart = start + at;
    }
  }
  end();
  return { lines, offsets: offsets.values(), numbers: numbers.values() };
}

/** The lines of one run and their numbers. */
export async function readLineRun(
  source: ByteSource,
  { offsets, numbers }: LineRuns,
  run: number,
): Promise<{ text: string; number: number }[]> {
  const bytes = await source.read(offsets[run]!, offsets[run + 1] ?? source.size);
  return bytes
    .toString('utf8')
    .split('\n')
    .map((text, index) => ({ text, number: numbers[run]! + index }))
    .filter(({ text }) => text.trim() !== '');
}
