import { device } from './device.js';
import { OcelliError } from './errors.js';
import { currentDevice } from './open-device.js';
import { run } from './run.js';
import { keep } from './scope.js';
import { empty, type Tensor } from './tensor.js';

export interface PeakMeterOptions {
  /** Size of the buffer, in bytes: larger than the last cache, several times. Default 256 MiB. */
  readonly bufferBytes?: number;
}

/** Of native/src/cpu/peak.cpp. */
const chains = 12;
const pieceFloats = 65536;
/** A measurement's length: long against a wake-up, short against a change of the clock. */
const targetSeconds = 4e-4;

/**
 * What the device can do at this moment with `device.threads` threads: the roofs of the roofline. Clocks and neighbours
 * change from second to second, so take one just before and one just after a kernel, and set the kernel's rate against
 * their mean. Goes through the device's queue like every op.
 */
export class PeakMeter {
  readonly #buffer: Tensor;
  readonly #seconds: Tensor;
  /** The next piece of the buffer that has not been touched for longest, in floats. */
  #next = 0;
  #operationsPerSecond = 1e10;
  #bytesPerSecond = 1e10;

  /** @throws OcelliError for a buffer under 1 MiB. */
  constructor({ bufferBytes = 256 * 2 ** 20 }: PeakMeterOptions = {}) {
    if (!(bufferBytes >= 2 ** 20)) {
      throw new OcelliError('PeakMeter', `bufferBytes must be at least 1 MiB, got ${bufferBytes}`);
    }
    this.#buffer = keep(empty([Math.floor(bufferBytes / 4)]));
    this.#seconds = keep(empty([1]));
    // Memory that was never written is one page of zeros to the system, and in the first cache.
    run('fill', [this.#buffer], [this.#buffer.size, 4, 0x3f800000]);
  }

  /** Multiply-adds in registers, in floating-point operations (two each) per second: the instruction set's best. */
  async arithmetic(): Promise<number> {
    const items = 16 * device.threads;
    const each = 2 * chains * currentDevice().native.vectorWidth * items;
    const rounds = 2 * Math.max(1, Math.round((this.#operationsPerSecond * targetSeconds) / each / 2));
    const sums = empty([items]);
    run('peak_arithmetic', [sums, this.#seconds], [items, rounds]);
    sums.dispose();
    this.#operationsPerSecond = (each * rounds) / (await this.#seconds.item());
    return this.#operationsPerSecond;
  }

  /**
   * Reading, in bytes per second.
   *
   * @param workingSet bytes that are read again and again, as a kernel that is timed by repeating it does: they lie in
   *   whatever cache holds them. At least 256 KiB are taken. By default, and above a quarter of the buffer, every call
   *   reads what has not been touched for longest: from memory.
   */
  async read(workingSet?: number): Promise<number> {
    return this.#measure(workingSet, (x, passes) => {
      const sums = empty([passes * Math.ceil(x.size / pieceFloats)]);
      run('peak_read', [x, sums, this.#seconds], [x.size, passes]);
      sums.dispose();
      return 4 * x.size * passes;
    });
  }

  /** Copying with ordinary stores, in bytes read plus bytes written per second. `workingSet` holds source and target. */
  async copy(workingSet?: number): Promise<number> {
    return this.#measure(workingSet, (x, passes) => {
      const half = Math.floor(x.size / 2);
      const target = x.view([half], x.byteOffset + 4 * (x.size - half));
      run('peak_copy', [x, target, this.#seconds], [half, passes]);
      target.dispose();
      return 8 * half * passes;
    });
  }

  dispose(): void {
    this.#buffer.dispose();
    this.#seconds.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** `enqueue` runs `passes` over `x` and returns the bytes that they move. */
  async #measure(
    workingSet: number | undefined,
    enqueue: (x: Tensor, passes: number) => number,
  ): Promise<number> {
    const budget = Math.round((this.#bytesPerSecond * targetSeconds) / 4);
    const fromMemory = workingSet === undefined || workingSet > this.#buffer.size;
    const wanted = fromMemory ? budget : Math.ceil(workingSet / 4);
    const size = Math.min(Math.max(wanted, pieceFloats), this.#buffer.size);
    if (this.#next + size > this.#buffer.size) this.#next = 0;
    const x = this.#buffer.view([size], fromMemory ? 4 * this.#next : 0);
    if (fromMemory) this.#next += size;
    else enqueue(x, 2); // brings it into the cache
    const bytes = enqueue(x, fromMemory ? 1 : Math.max(4, Math.round(budget / size)));
    x.dispose();
    this.#bytesPerSecond = bytes / (await this.#seconds.item());
    return this.#bytesPerSecond;
  }
}
