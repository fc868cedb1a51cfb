import type { ProgressReporter } from '../progress/progress-reporter.js';
import { ProgressBar } from '../terminal/index.js';

/** Progress as bars on standard error. */
export const terminalReporter: ProgressReporter = {
  stage(label, total) {
    const bar = new ProgressBar({ label, total });
    return { update: (done, note) => bar.update(done, note), finish: () => bar.finish() };
  },
};
