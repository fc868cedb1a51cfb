import type { ProgressReporter } from '../progress/progress-reporter.js';
import { ProgressBar } from '../terminal/index.js';

/** Progress as bars on standard error. */
export const terminalReporter: ProgressReporter = {
  stage(label, total) {
    const bar = new ProgressBar({ label, total });
    return { update: (done, note) => bar.update(done, note), finish: () => bar.finish() };
  },
};

/** Notes on standard error. */
export function printNote(message: string): void {
  process.stderr.write(`note: ${message}\n`);
}

/** What a command tells of a download: what and how much beforehand, then a bar. */
export const downloadReporting = { reporter: terminalReporter, onMessage: printNote };
