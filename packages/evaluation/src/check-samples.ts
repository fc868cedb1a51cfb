import { describe, EvaluationError } from './evaluation-error.js';

/** Throws in the name of `operation` unless `samples` is a non-empty array of objects with distinct string ids. */
export function checkIds(operation: string, samples: readonly { id: string }[]): void {
  if (!Array.isArray(samples)) {
    throw new EvaluationError(operation, `samples is ${describe(samples)}`, 'pass an array of samples');
  }
  if (samples.length === 0) {
    throw new EvaluationError(
      operation,
      'got 0 samples',
      'pass at least one, a score of nothing has no meaning',
    );
  }
  const first = new Map<string, number>();
  samples.forEach((sample: { id: string } | null | undefined, i) => {
    const id: unknown = sample?.id;
    if (typeof id !== 'string') {
      throw new EvaluationError(
        operation,
        `samples[${i}].id is ${describe(id)}`,
        'give every sample a string id',
      );
    }
    const other = first.get(id);
    if (other !== undefined) {
      throw new EvaluationError(
        operation,
        `id ${describe(id)} stands at samples[${other}] and samples[${i}]`,
        'score every id once, put its references into one sample',
      );
    }
    first.set(id, i);
  });
}

/** Throws unless `value` is a string; `field` names it, e.g. `hypothesis`. */
export function checkText(operation: string, id: string, field: string, value: unknown): void {
  if (typeof value === 'string') return;
  throw new EvaluationError(
    operation,
    `${field} of sample ${describe(id)} is ${describe(value)}`,
    'pass a string, an empty one if the model said nothing',
  );
}

/** Throws unless `values` is a non-empty array of strings; `field` names it, e.g. `references`. */
export function checkTexts(operation: string, id: string, field: string, values: unknown): void {
  if (!Array.isArray(values) || values.length === 0) {
    throw new EvaluationError(
      operation,
      `${field} of sample ${describe(id)} is ${describe(values)}`,
      `give every sample at least one string in ${field}`,
    );
  }
  values.forEach((value, i) => {
    checkText(operation, id, `${field}[${i}]`, value);
  });
}
