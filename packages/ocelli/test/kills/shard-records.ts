import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The records of a feature cache by the digests of their keys, read from its files by what feature-record.ts says of them
 * and not by its code. What is not whole at the end of a file is left out.
 *
 * @throws if a digest is there twice: its features were computed again although they had been kept.
 */
export function shardRecords(directory: string): Map<string, Buffer> {
  const records = new Map<string, Buffer>();
  const names = existsSync(directory) ? readdirSync(directory) : [];
  for (const name of names) {
    const bytes = readFileSync(join(directory, name));
    for (let at = 0; at + 80 <= bytes.length; ) {
      if (bytes.toString('latin1', at, at + 4) !== 'OFC1') throw new Error(`${name} has no record at ${at}`);
      let values = 1;
      for (let dimension = 0; dimension < bytes.readUInt16LE(at + 36); dimension++)
        values *= bytes.readUInt32LE(at + 40 + 4 * dimension);
      const end = at + 80 + 4 * values;
      if (end > bytes.length) break;
      const digest = bytes.toString('hex', at + 4, at + 36);
      if (records.has(digest)) throw new Error(`the features ${digest} are kept twice`);
      records.set(digest, bytes.subarray(at, end));
      at = end;
    }
  }
  return records;
}
