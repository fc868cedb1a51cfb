import { type Colours, createColours } from './colours.js';
import { CursorGuard } from './cursor-guard.js';
import { type ProgressState, percentOf, plainProgressLine, progressLine } from './progress-line.js';
import { RateMeter } from './rate-meter.js';
import { type TerminalAbility, type TerminalStream, terminalAbility } from './terminal-ability.js';

/** Where a bar is drawn: `process.stderr`, `process.stdout` or the like. */
export interface ProgressStream extends TerminalStream {
  write(text: string): unknown;
}

/** What a bar counts. */
export interface ProgressBarOptions {
  /** What goes on, e.g. `Training epalm`. */
  readonly label: string;
  /** The count at the end, above 0. */
  readonly total: number;
  /** Default `process.stderr`, so that standard output stays clean for results. */
  readonly stream?: ProgressStream;
  /** What the stream can show; by default found out. */
  readonly ability?: TerminalAbility;
  /** Seconds since any fixed moment; for tests. */
  readonly clock?: () => number;
}

const REDRAW_SECONDS = 0.1;
const ERASE_TO_END = '\u001b[K';

/**
 * Progress of a long task, with its rate and the time that is left. On a terminal one line is redrawn, at most ten
 * times a second; elsewhere a plain line is written at 0, 25, 50, 75 and 100 %. Ctrl-C leaves the cursor as it was.
 * Call `finish()` in a `finally`, or declare the bar with `using`.
 */
export class ProgressBar {
  readonly #label: string;
  readonly #total: number;
  readonly #stream: ProgressStream;
  readonly #ability: TerminalAbility;
  readonly #colours: Colours;
  readonly #clock: () => number;
  readonly #start: number;
  readonly #rate = new RateMeter();
  readonly #cursor: CursorGuard | undefined;
  #done = 0;
  #note = '';
  #drawnAt = Number.NEGATIVE_INFINITY;
  #printedPercent = -1;
  #isFinished = false;

  /** @throws RangeError if `total` is not a number above 0 */
  constructor({ label, total, stream = process.stderr, ability, clock }: ProgressBarOptions) {
    if (!(Number.isFinite(total) && total > 0)) {
      throw new RangeError(`[ProgressBar] total is ${total}; pass a number above 0`);
    }
    this.#label = label;
    this.#total = total;
    this.#stream = stream;
    this.#ability = ability ?? terminalAbility(stream);
    this.#colours = createColours(this.#ability.colour !== 'none');
    this.#clock = clock ?? (() => performance.now() / 1000);
    this.#start = this.#clock();
    this.#rate.mark(0, 0);
    this.#cursor = this.#ability.interactive ? new CursorGuard(stream) : undefined;
    this.#show();
  }

  /**
   * Says how far the task is. Cheap enough for every step.
   *
   * @param done 0 to `total`; more counts as `total`
   * @param note a few words at the end of the line, e.g. `loss 1.20`; stays until the next one
   */
  update(done: number, note?: string): void {
    if (this.#isFinished) return;
    this.#done = Math.min(this.#total, Math.max(0, done));
    if (note !== undefined) this.#note = note;
    this.#show();
  }

  /** Ends the line where it stands, complete or not, and shows the cursor again. More calls do nothing. */
  finish(note?: string): void {
    if (this.#isFinished) return;
    if (note !== undefined) this.#note = note;
    this.#isFinished = true;
    if (this.#ability.interactive) {
      this.#redraw(this.#clock());
      this.#stream.write('\n');
    } else if (this.#printedPercent !== percentOf(this.#state())) {
      this.#stream.write(`${plainProgressLine(this.#state())}\n`);
    }
    this.#cursor?.release();
  }

  /** {@link ProgressBar.finish}, for `using`. */
  [Symbol.dispose](): void {
    this.finish();
  }

  #state(): ProgressState {
    const seconds = this.#clock() - this.#start;
    return {
      label: this.#label,
      done: this.#done,
      total: this.#total,
      seconds,
      // What was reached in all counts at the end, the last seconds before.
      perSecond: this.#isFinished ? (seconds > 0 ? this.#done / seconds : undefined) : this.#rate.perSecond(),
      note: this.#note,
      isFinished: this.#isFinished,
    };
  }

  #show(): void {
    const now = this.#clock();
    if (this.#ability.interactive) {
      if (now - this.#drawnAt >= REDRAW_SECONDS) this.#redraw(now);
      return;
    }
    const percent = percentOf({ done: this.#done, total: this.#total });
    if (Math.floor(percent / 25) * 25 <= this.#printedPercent) return;
    // The last line tells the time that was taken; finish() writes it.
    if (percent === 100) return;
    this.#rate.mark(now - this.#start, this.#done);
    this.#stream.write(`${plainProgressLine(this.#state())}\n`);
    this.#printedPercent = percent;
  }

  #redraw(now: number): void {
    this.#drawnAt = now;
    this.#rate.mark(now - this.#start, this.#done);
    // Asked again each time: the window may have been resized.
    const columns = this.#stream.columns ?? this.#ability.columns;
    const line = progressLine(this.#state(), columns, this.#ability.unicode, this.#colours);
    this.#stream.write(`\r${line}${ERASE_TO_END}`);
  }
}
