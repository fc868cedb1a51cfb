import { describe, EvaluationError } from './evaluation-error.js';
import { tokenizePtb } from './tokenize-ptb.js';

/**
 * The tokens that the COCO caption evaluation drops. It compares after lower-casing, so the four bracket
 * tokens never match: `(` stays in the caption as `-lrb-`. So do runs like `!!` and `?!`.
 */
export const DROPPED_PUNCTUATION: ReadonlySet<string> = new Set([
  "''",
  "'",
  '``',
  '`',
  '-LRB-',
  '-RRB-',
  '-LCB-',
  '-RCB-',
  '.',
  '?',
  '!',
  ',',
  ':',
  '-',
  '--',
  '...',
  ';',
]);

/**
 * A caption as BLEU, ROUGE-L and CIDEr of the COCO caption evaluation see it: Penn Treebank tokens, lower case,
 * without punctuation. See `tokenizePtb` for what the tokenizer covers.
 *
 * @param caption one caption
 * @returns tokens, possibly none
 * @throws EvaluationError if `caption` is not a string
 */
export function tokenizeCaption(caption: string): string[] {
  if (typeof caption !== 'string') {
    throw new EvaluationError('tokenizeCaption', `caption is ${describe(caption)}`, 'pass a string');
  }
  return tokenizePtb(caption).filter((token) => !DROPPED_PUNCTUATION.has(token));
}
