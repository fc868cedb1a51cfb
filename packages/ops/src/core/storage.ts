import { bytesPerElement, type DType } from './dtype.js';
import type { MemoryHandle } from './native.js';
import { currentDevice, type OpenDevice } from './open-device.js';

/** Device memory shared by a tensor and its views; released when the last of them is disposed. */
export class Storage {
  readonly device: OpenDevice;
  readonly handle: MemoryHandle;
  readonly bytes: number;
  #users = 1;

  constructor(bytes: number, device = currentDevice()) {
    this.bytes = bytes;
    this.device = device;
    this.handle = this.device.native.allocate(bytes);
  }

  /** For so many elements; a tensor without any has memory too. */
  static of(elements: number, dtype: DType, device = currentDevice()): Storage {
    return new Storage(Math.max(1, elements) * bytesPerElement[dtype], device);
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
    if (--this.#users === 0) this.device.native.release(this.handle);
  }
}
