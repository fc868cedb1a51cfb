/** Thrown, or its exit code returned, when Ctrl-C stopped the work: 128 + SIGINT. */
export const interruptedExitCode = 130;

/**
 * Runs work that stops by itself when its signal says so. The first Ctrl-C (or SIGTERM) asks it to stop, the second ends
 * the process.
 *
 * @param message printed at the first Ctrl-C.
 */
export async function interruptible<Result>(
  message: string,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(interruptedExitCode);
    process.stderr.write(`\n${message}\n`);
    controller.abort(new InterruptedError());
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

/** The work was stopped by Ctrl-C. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';

  constructor() {
    super('interrupted');
  }
}
