/** A command line that cannot be followed. Free of the native addon, so that help and typing errors work without it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  /** @param command the command that was called, or nothing. */
  constructor(command: string, message: string) {
    super(command === '' ? message : `[${command}] ${message}`);
  }
}
