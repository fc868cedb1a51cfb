import { readProcessorUse } from './processor-use.js';

/** Others may use this much of one core. */
export const allowedLoad = 0.15;

/** Watches what other processes use of the cores while ours measure. */
export class BusyWatch {
  readonly #own = new Set([process.pid]);
  #last = readProcessorUse([process.pid]);
  #seconds = 0;
  #used = 0;

  /** False where the system does not tell: then nothing is refused. */
  get able(): boolean {
    return this.#last !== null;
  }

  /** Counts a peer's process as ours from here on (and no longer, once it has ended). */
  add(processId: number): void {
    this.lap();
    this.#own.add(processId);
    this.#last = readProcessorUse([...this.#own]);
  }

  remove(processId: number): void {
    this.#own.delete(processId);
    this.#last = readProcessorUse([...this.#own]);
  }

  /** Cores that others have used on average since the last lap (or change of our processes): 1 is a whole core. */
  lap(): number {
    const now = readProcessorUse([...this.#own]);
    if (!now || !this.#last) return 0;
    const seconds = now.at - this.#last.at;
    const used = Math.max(0, now.machine - this.#last.machine - (now.own - this.#last.own));
    this.#last = now;
    this.#seconds += seconds;
    this.#used += used;
    return seconds > 0 ? used / seconds : 0;
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
