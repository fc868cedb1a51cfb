const WINDOW_SECONDS = 15;

/** Speed of a count over its last fifteen seconds, so that a slow start is forgotten. */
export class RateMeter {
  #marks: { readonly seconds: number; readonly done: number }[] = [];

  /** Notes that `done` was reached at `seconds`, a time that never goes back. */
  mark(seconds: number, done: number): void {
    this.#marks.push({ seconds, done });
    // One mark before the window stays, so that a slow count still has a rate.
    while (this.#marks.length > 2 && this.#marks[1]!.seconds < seconds - WINDOW_SECONDS) this.#marks.shift();
  }

  /** Per second; undefined before anything was counted. */
  perSecond(): number | undefined {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    if (
      first === undefined ||
      last === undefined ||
      last.seconds <= first.seconds ||
      last.done <= first.done
    ) {
      return undefined;
    }
    return (last.done - first.done) / (last.seconds - first.seconds);
  }
}
