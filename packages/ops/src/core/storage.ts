import { type MemoryHandle, native } from './native.js';

/** Device memory shared by a tensor and its views; released when the last of them is disposed. */
export class Storage {
  readonly handle: MemoryHandle;
  readonly bytes: number;
  #users = 1;

  constructor(bytes: number) {
    this.bytes = bytes;
    this.handle = native.allocate(bytes);
  }

  /** True while more than one tensor looks at this memory. */
  get isShared(): boolean {
    return this.#users > 1;
  }

  retain(): this {
    this.#users++;
    return this;
  }

  release(): void {
    if (--this.#users === 0) native.release(this.handle);
  }
}
