/** What a person can put right: a missing file, a malformed line, a broken picture. The message says where and how. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';

  /** The message becomes `[dataset] fact; remedy`. */
  constructor(fact: string, remedy: string, options?: ErrorOptions) {
    super(`[dataset] ${fact}; ${remedy}`, options);
  }
}

/** The words of an error that was caught, on one line. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().replaceAll(/\s*\n\s*/g, ' ');
}
