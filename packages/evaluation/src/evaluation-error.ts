/**
 * The error that every function of this package throws on bad input. Its message has the form
 * `[operation] fact with values; remedy`.
 */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';

  /**
   * @param operation the function that refused its input, e.g. `cider`
   * @param fact what was found, with its values
   * @param remedy what the caller can do about it
   */
  constructor(operation: string, fact: string, remedy: string) {
    super(`[${operation}] ${fact}; ${remedy}`);
  }
}

/** A value for an error message: short, quoted if a string, named by its type otherwise. */
export function describe(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  return typeof value === 'undefined' ? 'undefined' : `${typeof value} ${String(value)}`;
}
