import { readdirSync, readFileSync } from 'node:fs';
import type { ResultFile } from './result-file.js';

/** The files of benchmarks/results, by name without `.json`. */
export function readResults(): Record<string, ResultFile> {
  const folder = new URL('../results/', import.meta.url);
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return Object.fromEntries(
    files.map((file) => [
      file.replace(/\.json$/, ''),
      JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as ResultFile,
    ]),
  );
}
