/** One bar of progress. */
export interface ProgressStage {
  update(done: number, note?: string): void;
  finish(): void;
}

/** Where long work says how far it is; the library itself prints nothing. */
export interface ProgressReporter {
  /** Begins a stage of `total` units, such as pictures or steps. */
  stage(label: string, total: number): ProgressStage;
}

/** Says nothing. */
export const silentReporter: ProgressReporter = {
  stage: () => ({ update: () => {}, finish: () => {} }),
};
