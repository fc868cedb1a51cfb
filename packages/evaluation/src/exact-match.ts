import { describe, EvaluationError } from './evaluation-error.js';

/**
 * Text with everything removed that {@link exactMatch} ignores: Unicode form (NFC), case, runs of space, and
 * punctuation at the end (`. , ; : ! ? …`).
 */
export function normalizeForExactMatch(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replace(/\s+/gu, ' ')
    .trim()
    .replace(/[\s.,;:!?…]+$/u, '');
}

/**
 * Whether `hypothesis` equals any of `references` after {@link normalizeForExactMatch}.
 *
 * This is not VQA accuracy, and not the "exact match" of GQA scripts, which also drop articles; compare
 * `normalizeVqaAnswer` of both sides for that.
 *
 * @throws EvaluationError if there are no references, or something is not a string
 */
export function exactMatch(hypothesis: string, references: readonly string[]): boolean {
  if (typeof hypothesis !== 'string') {
    throw new EvaluationError('exactMatch', `hypothesis is ${describe(hypothesis)}`, 'pass a string');
  }
  if (!Array.isArray(references) || references.length === 0) {
    throw new EvaluationError(
      'exactMatch',
      `references is ${describe(references)}`,
      'pass at least one reference',
    );
  }
  const wanted = normalizeForExactMatch(hypothesis);
  let found = false;
  references.forEach((reference: unknown, i) => {
    if (typeof reference !== 'string') {
      throw new EvaluationError(
        'exactMatch',
        `references[${i}] is ${describe(reference)}`,
        'pass strings only',
      );
    }
    found ||= normalizeForExactMatch(reference) === wanted;
  });
  return found;
}
