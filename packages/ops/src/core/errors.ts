const marker = Symbol.for('ocelli.error');

/**
 * Every error that Ocelli raises on purpose. The message reads `[operation] fact with values; remedy`.
 * `OcelliError.isInstance` also recognises errors of another installed copy of the package.
 */
export class OcelliError extends Error {
  readonly [marker] = true;
  /** What was asked for when it failed: an op (`linear`), a reader (`safetensors`), a command. */
  readonly operation: string;

  constructor(operation: string, message: string, options?: { cause?: unknown }) {
    super(`[${operation}] ${message}`, options);
    this.name = 'OcelliError';
    this.operation = operation;
  }

  static isInstance(error: unknown): error is OcelliError {
    return typeof error === 'object' && error !== null && marker in error;
  }
}

/** A tensor was used after `dispose()`, after its scope ended, or after `backward()` freed it. */
export class UseAfterFreeError extends OcelliError {
  constructor(operation: string, description: string) {
    super(
      operation,
      `${description} has been freed; keep it out of the scope with keep(), or use it earlier`,
    );
    this.name = 'UseAfterFreeError';
  }
}
