import { describe, EvaluationError } from './evaluation-error.js';

/**
 * One image as BLEU, ROUGE-L and CIDEr see it: tokens, not text. Make the tokens with `tokenizeCaption` to get
 * the numbers of the COCO caption server.
 */
export interface TokenizedSample {
  /** The caption under test: `[tokens]`. May be empty. */
  readonly hypothesis: readonly string[];
  /** What people wrote about the image: `[references][tokens]`, at least one. */
  readonly references: readonly (readonly string[])[];
}

function checkTokens(operation: string, where: string, tokens: unknown): void {
  if (!Array.isArray(tokens)) {
    throw new EvaluationError(
      operation,
      `${where} is ${describe(tokens)}, not an array of tokens`,
      'split the text first, e.g. with tokenizeCaption',
    );
  }
  for (let i = 0; i < tokens.length; i++) {
    if (typeof tokens[i] !== 'string') {
      throw new EvaluationError(
        operation,
        `${where}[${i}] is ${describe(tokens[i])}`,
        'every token must be a string',
      );
    }
  }
}

/** Throws an `EvaluationError` in the name of `operation` unless `samples` is a usable corpus. */
export function checkTokenizedSamples(operation: string, samples: readonly TokenizedSample[]): void {
  if (!Array.isArray(samples)) {
    throw new EvaluationError(
      operation,
      `samples is ${describe(samples)}`,
      'pass an array of { hypothesis, references }',
    );
  }
  if (samples.length === 0) {
    throw new EvaluationError(
      operation,
      'got 0 samples',
      'pass at least one, a score of nothing has no meaning',
    );
  }
  samples.forEach((sample: TokenizedSample | null | undefined, i) => {
    checkTokens(operation, `samples[${i}].hypothesis`, sample?.hypothesis);
    const references: unknown = sample?.references;
    if (!Array.isArray(references) || references.length === 0) {
      throw new EvaluationError(
        operation,
        `samples[${i}].references is ${describe(references)}`,
        'give every sample at least one reference',
      );
    }
    references.forEach((tokens, r) => {
      checkTokens(operation, `samples[${i}].references[${r}]`, tokens);
    });
  });
}
