import { type Capturing, capturing } from './capturing.js';
import { bytesPerElement, type DType } from './dtype.js';
import type { MemoryHandle } from './native.js';
import { currentDevice, type OpenDevice } from './open-device.js';

/** Device memory shared by a tensor and its views; released when the last of them is disposed. */
export class Storage {
  readonly device: OpenDevice;
  readonly handle: MemoryHandle;
  readonly bytes: number;
  /** In which capture it was made. */
  readonly #madeIn: symbol | null = capturing()?.id ?? null;
  #users = 1;
  #pins = 0;

  constructor(bytes: number, device = currentDevice(), lasts = false) {
    this.bytes = bytes;
    this.device = device;
    this.handle = this.device.native.allocate(bytes, lasts);
  }

  /** For so many elements; a tensor without any has memory too. */
  static of(elements: number, dtype: DType, device = currentDevice()): Storage {
    return new Storage(Math.max(1, elements) * bytesPerElement[dtype], device);
  }

  /**
   * For values of JavaScript's that the calls of a capture read as long as it lasts. They are there before the first call, so
   * no call may use this memory for something else.
   */
  static constant({ device, constants }: Capturing, values: ArrayBufferView): Storage {
    const storage = new Storage(values.byteLength, device, true);
    constants.push(storage);
    device.native.write(storage.handle, 0, values);
    return storage;
  }

  /** True while more than one tensor looks at this memory. */
  get isShared(): boolean {
    return this.#users > 1;
  }

  retain(): this {
    this.#users++;
    return this;
  }

  /** Keeps memory that was there before the capture that is on, and that its calls use, until `unpin`. */
  noteUse(): void {
    const current = capturing();
    if (!current || current.id === this.#madeIn || current.used.has(this)) return;
    current.used.add(this);
    this.#pins++;
  }

  /** Of a capture that ends. */
  unpin(): void {
    if (--this.#pins === 0 && this.#users === 0) this.device.native.release(this.handle);
  }

  release(): void {
    if (--this.#users === 0 && this.#pins === 0) this.device.native.release(this.handle);
  }
}
