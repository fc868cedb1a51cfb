import { refuseCapture } from './capturing.js';
import { OcelliError } from './errors.js';
import { onFailure, watch } from './failures.js';
import type { KernelTime, MemoryStatistics } from './native.js';
import {
  currentDevice,
  type DeviceName,
  type Precision,
  precisions,
  processorAddon,
  setCurrentDevice,
} from './open-device.js';

/**
 * The device in use, which makes the tensors and runs the ops: an ordered queue with its own thread, kernels and memory
 * cache. It is the processor until `use` chooses another, or `OCELLI_DEVICE` in the environment.
 */
export const device = {
  /** `cpu`, `cuda`, `cuda:1`, ... */
  get name(): DeviceName {
    return currentDevice().name;
  },

  /**
   * Makes tensors and runs ops there from here on. Tensors stay where they are: bring what is needed over with `to`.
   *
   * @throws OcelliError with the reason where the machine has no such device.
   */
  use(name: DeviceName): void {
    setCurrentDevice(name);
  },

  /**
   * Of the kernels: `avx512`, `avx2`, `neon` or `portable` of a processor (`OCELLI_ISA` in the environment forces one),
   * `cuda` or `cuda-emulated`.
   */
  get isa(): string {
    return currentDevice().native.isa;
  },

  /** Instruction sets that this machine's processor can run. */
  get supportedIsas(): readonly string[] {
    return processorAddon.kernelSets;
  },

  /** Threads that kernels use, the device's own among them. */
  get threads(): number {
    return currentDevice().native.threads();
  },
  set threads(count: number) {
    if (!Number.isInteger(count) || count < 1 || count > 1024) {
      throw new OcelliError('device', `threads must be a whole number from 1 to 1024, got ${count}`);
    }
    currentDevice().native.setThreads(count);
  },

  /**
   * How float32 numbers enter the products that follow on this device: `float32` (default), and on a GPU also `tf32` and
   * `bfloat16`, which are faster and lose accuracy.
   *
   * @throws OcelliError for another one than `float32` where the device is the processor.
   */
  get precision(): Precision {
    return currentDevice().precision;
  },
  set precision(precision: Precision) {
    const number = precisions.indexOf(precision);
    if (number < 0) {
      throw new OcelliError(
        'device',
        `precision must be ${precisions.join(', ')}, got ${JSON.stringify(precision)}`,
      );
    }
    const current = currentDevice();
    if (precision === current.precision) return;
    refuseCapture('device', 'its ops have one precision');
    if (current.name === 'cpu') {
      throw new OcelliError(
        'device',
        `the device cpu multiplies in float32, got precision "${precision}"; choose a GPU with device.use() first`,
      );
    }
    current.native.setPrecision(number);
    current.precision = precision;
  },

  /** Waits for all queued work. Rejects with the first failure since the last wait. */
  synchronize(): Promise<void> {
    return watch(currentDevice().native.synchronize());
  },

  /**
   * Waits for queued work, then times every kernel until `stopProfile`; what an earlier profile gathered is dropped.
   * Costs about a tenth of a microsecond per kernel while it is on, and nothing while it is off.
   */
  async startProfile(): Promise<void> {
    await watch(currentDevice().native.synchronize());
    currentDevice().native.startProfile();
  },

  /**
   * Waits for queued work and ends the profile. The sum of all rows is the time in which the device was busy.
   *
   * @returns a row for each kernel with each of its sizes and settings, the costliest first; none without `startProfile`.
   */
  async stopProfile(): Promise<KernelTime[]> {
    await watch(currentDevice().native.synchronize());
    return currentDevice()
      .native.stopProfile()
      .sort((a, b) => b.milliseconds - a.milliseconds);
  },

  /** Calls `listener` whenever a wait rejects, before whoever waits hears of it: work queued until then may be undone. */
  onFailure(listener: () => void): void {
    onFailure(listener);
  },

  /** Counters of the caching allocator. */
  memory(): MemoryStatistics {
    return currentDevice().native.memory();
  },

  /** Starts a new measurement of `memory().peak`. */
  resetPeakMemory(): void {
    currentDevice().native.resetPeak();
  },

  /** Waits for queued work, then returns cached memory to the system. */
  async emptyCache(): Promise<void> {
    await watch(currentDevice().native.synchronize());
    currentDevice().native.emptyCache();
  },
};
