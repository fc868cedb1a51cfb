import { open, stat } from 'node:fs/promises';
import { DatasetError, reasonOf } from '../dataset-error.js';

/** Bytes that are read a part at a time. */
export interface ByteSource {
  /** What errors call it. */
  readonly name: string;
  readonly size: number;
  /** The bytes from `start` up to `end`, fewer at the end of the source. */
  read(start: number, end: number): Promise<Buffer>;
}

/** A file. It is opened for each read, so that nothing has to be closed. @throws {DatasetError} naming it. */
export async function fileSource(path: string): Promise<ByteSource> {
  const failed = (error: unknown): DatasetError =>
    new DatasetError(`cannot read ${path} (${reasonOf(error)})`, 'check the path', { cause: error });
  const { size } = await stat(path).catch((error: unknown) => Promise.reject(failed(error)));
  return {
    name: path,
    size,
    async read(start, end) {
      const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(end, size) - start));
      try {
        await using file = await open(path);
        let filled = 0;
        while (filled < buffer.length) {
          const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, start + filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return buffer.subarray(0, filled);
      } catch (error) {
        throw failed(error);
      }
    },
  };
}
