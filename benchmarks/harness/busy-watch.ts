import { readProcesses, usedBetween } from './processor-use.js';

/** Others may use this much of one core. */
export const allowedLoad = 0.15;

/** Watches what other processes use of the cores while ours measure. */
export class BusyWatch {
  readonly #own = new Set([process.pid]);
  #last = readProcesses(this.#own);
  #at = performance.now();
  #seconds = 0;
  #used = 0;
  /** Who used most in the last lap. */
  most = '';

  /** False where the system does not tell: then nothing is refused. */
  get able(): boolean {
    return this.#last !== null;
  }

  /** Counts a process as ours from here on. It must be our child: once it has ended, its time is in ours. */
  add(processId: number): void {
    this.#own.add(processId);
    this.#last?.delete(processId);
    this.lap();
  }

  /** Cores that others have used on average since the last lap: 1 is a whole core. */
  lap(): number {
    if (!this.#last) return 0;
    const now = readProcesses(this.#own)!;
    const at = performance.now();
    const seconds = (at - this.#at) / 1000;
    const used = usedBetween(this.#last, now);
    this.#last = now;
    this.#at = at;
    this.#seconds += seconds;
    this.#used += used.seconds;
    this.most = used.most;
    return seconds > 0 ? used.seconds / seconds : 0;
  }

  /** The same, since the start. */
  average(): number {
    return this.#seconds > 0 ? this.#used / this.#seconds : 0;
  }

  /** Watches without measuring anything. */
  async look(seconds: number): Promise<number> {
    this.lap();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    return this.lap();
  }
}
