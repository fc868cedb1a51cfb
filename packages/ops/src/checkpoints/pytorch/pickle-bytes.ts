import type { OpenFile } from '../open-file.js';

const chunkBytes = 65536;

/** A part of a file that is read from its beginning on, a chunk at a time. */
export class PickleBytes {
  #chunk: Buffer = Buffer.alloc(0);
  /** Of the chunk, in the file. */
  #begin: number;
  #at = 0;

  constructor(
    readonly file: OpenFile,
    begin: number,
    readonly end: number,
  ) {
    this.#begin = begin;
  }

  /** Of the next byte, in the file. */
  get position(): number {
    return this.#begin + this.#at;
  }

  /** The next bytes, which are valid until the next call. Those that are not there are refused before memory is taken. */
  take(bytes: number): Buffer {
    if (bytes > this.#chunk.length - this.#at) this.#fill(bytes);
    this.#at += bytes;
    return this.#chunk.subarray(this.#at - bytes, this.#at);
  }

  /** Up to the next line feed, which is dropped. */
  line(longest: number): string {
    let text = '';
    for (;;) {
      const character = this.take(1)[0]!;
      if (character === 0x0a) return text;
      text += String.fromCharCode(character);
      if (text.length > longest)
        throw this.file.fail(null, `its pickle has a line of more than ${longest} bytes`);
    }
  }

  #fill(bytes: number): void {
    const begin = this.position;
    if (bytes > this.end - begin) {
      throw this.file.fail(
        null,
        `its pickle wants ${bytes} bytes at ${begin}, but ends at ${this.end}; it was not written or copied completely`,
      );
    }
    this.#chunk = this.file.read(begin, Math.min(this.end - begin, Math.max(bytes, chunkBytes)));
    this.#begin = begin;
    this.#at = 0;
  }
}
