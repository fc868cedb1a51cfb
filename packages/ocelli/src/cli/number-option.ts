import { UsageError } from './usage-error.js';

/** A number from the command line, or undefined if it is not given. */
export function numberOption(
  command: string,
  option: string,
  text: string | undefined,
  { minimum, integer = true }: { readonly minimum: number; readonly integer?: boolean },
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (
    text.trim() !== '' &&
    value >= minimum &&
    Number.isFinite(value) &&
    (!integer || Number.isInteger(value))
  )
    return value;
  const expected = integer ? `a whole number from ${minimum}` : `a number from ${minimum}`;
  throw new UsageError(command, `--${option} is "${text}"; give ${expected}`);
}
