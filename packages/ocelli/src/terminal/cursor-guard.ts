const HIDE = '\u001b[?25l';
const SHOW = '\u001b[?25h';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Where the guard writes. */
export interface CursorStream {
  write(text: string): unknown;
}

/**
 * Hides the cursor of a terminal and gives it back whatever happens: on `release()`, at exit, and on Ctrl-C, which
 * still ends the process (unless somebody else listens to the signal and decides otherwise).
 */
export class CursorGuard {
  readonly #stream: CursorStream;
  #isHidden = true;

  constructor(stream: CursorStream) {
    this.#stream = stream;
    stream.write(HIDE);
    process.on('exit', this.#abandon);
    for (const signal of SIGNALS) process.on(signal, this.#interrupted);
  }

  /** Shows the cursor again and forgets the process's events. More calls do nothing. */
  release(): void {
    this.#restore();
    process.off('exit', this.#abandon);
    for (const signal of SIGNALS) process.off(signal, this.#interrupted);
  }

  readonly #restore = (): void => {
    if (!this.#isHidden) return;
    this.#isHidden = false;
    this.#stream.write(SHOW);
  };

  readonly #abandon = (): void => {
    if (this.#isHidden) this.#stream.write('\n'); // the shell's prompt begins below the unfinished line
    this.#restore();
  };

  readonly #interrupted = (signal: NodeJS.Signals): void => {
    this.#abandon();
    this.release();
    // Listening took the signal's usual end away from the process. With nobody else listening, give it back.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
}
