import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { CheckpointErrorMaker } from './checkpoint-error.js';

/** A file that is open for reading while its headers are looked at. */
export class OpenFile {
  /** Of the file when it was opened, in bytes. */
  readonly size: number;
  /** Changes when the file does: device, inode, size and time of the last change. */
  readonly identity: string;

  private constructor(
    readonly path: string,
    readonly error: CheckpointErrorMaker,
    readonly descriptor: number,
  ) {
    const status = fstatSync(descriptor, { bigint: true });
    if (!status.isFile()) throw error(path, null, `is not a file`);
    this.size = Number(status.size);
    this.identity = [status.dev, status.ino, status.size, status.mtimeNs].join(':');
  }

  /** Opens a file, hands it over and closes it. Whatever is thrown becomes an error that names the file. */
  static use<Result>(path: string, error: CheckpointErrorMaker, body: (file: OpenFile) => Result): Result {
    let descriptor: number;
    try {
      descriptor = openSync(path, 'r');
    } catch (cause) {
      throw error(path, null, `cannot be opened (${(cause as Error).message})`, cause);
    }
    try {
      return body(new OpenFile(path, error, descriptor));
    } finally {
      closeSync(descriptor);
    }
  }

  /** The error of this file: `tensor` is null where the fact is about all of it. */
  fail(tensor: string | null, message: string, cause?: unknown): Error {
    return this.error(this.path, tensor, message, cause);
  }

  /** Exactly these bytes. Those that the file cannot have are refused before memory is taken for them. */
  read(begin: number, bytes: number): Buffer {
    if (begin + bytes > this.size) {
      throw this.fail(
        null,
        `ends at ${this.size}, before byte ${begin + bytes}; it was not copied completely`,
      );
    }
    const target = Buffer.allocUnsafeSlow(bytes);
    for (let done = 0; done < bytes; ) {
      const read = readSync(this.descriptor, target, done, Math.min(bytes - done, 2 ** 30), begin + done);
      if (read === 0) throw this.fail(null, `ends before byte ${begin + bytes}; it changed while being read`);
      done += read;
    }
    return target;
  }
}
