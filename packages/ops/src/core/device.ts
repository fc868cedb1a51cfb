import { OcelliError } from './errors.js';
import { onFailure, watch } from './failures.js';
import { type KernelTime, type MemoryStatistics, native } from './native.js';

/** The device that runs the ops: an ordered queue with its own thread, kernel workers and memory cache. */
export const device = {
  name: 'cpu',

  /** Instruction set of the kernels: `avx512`, `avx2`, `neon` or `portable` (`OCELLI_ISA` in the environment forces one). */
  get isa(): string {
    return native.isa;
  },

  /** Instruction sets that this machine can run. */
  get supportedIsas(): readonly string[] {
    return native.supportedIsas;
  },

  /** Threads that kernels use, the device's own among them. */
  get threads(): number {
    return native.threads();
  },
  set threads(count: number) {
    if (!Number.isInteger(count) || count < 1 || count > 1024) {
      throw new OcelliError('device', `threads must be a whole number from 1 to 1024, got ${count}`);
    }
    native.setThreads(count);
  },

  /** Waits for all queued work. Rejects with the first failure since the last wait. */
  synchronize(): Promise<void> {
    return watch(native.synchronize());
  },

  /**
   * Waits for queued work, then times every kernel until `stopProfile`; what an earlier profile gathered is dropped.
   * Costs about a tenth of a microsecond per kernel while it is on, and nothing while it is off.
   */
  async startProfile(): Promise<void> {
    await watch(native.synchronize());
    native.startProfile();
  },

  /**
   * Waits for queued work and ends the profile. The sum of all rows is the time in which the device was busy.
   *
   * @returns a row for each kernel with each of its sizes and settings, the costliest first; none without `startProfile`.
   */
  async stopProfile(): Promise<KernelTime[]> {
    await watch(native.synchronize());
    return native.stopProfile().sort((a, b) => b.milliseconds - a.milliseconds);
  },

  /** Calls `listener` whenever a wait rejects, before whoever waits hears of it: work queued until then may be undone. */
  onFailure(listener: () => void): void {
    onFailure(listener);
  },

  /** Counters of the caching allocator. */
  memory(): MemoryStatistics {
    return native.memory();
  },

  /** Starts a new measurement of `memory().peak`. */
  resetPeakMemory(): void {
    native.resetPeak();
  },

  /** Waits for queued work, then returns cached memory to the system. */
  async emptyCache(): Promise<void> {
    await watch(native.synchronize());
    native.emptyCache();
  },
};
