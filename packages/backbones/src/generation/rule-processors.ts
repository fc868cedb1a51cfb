import type { DecodingRules } from '../model/decoding-rules.js';
import { noRepeatNgrams, type ScoreProcessor } from './score-processors.js';

/**
 * The rules of an encoder-decoder checkpoint as transformers 5.18 applies them: tokens that may not come get the score
 * -Infinity, and those that must come get 0. Lengths count the decoder's start token.
 */
export function ruleProcessors(
  rules: DecodingRules,
  maxNewTokens: number,
  endIds: ReadonlySet<number>,
): ScoreProcessor[] {
  const { noRepeatNgramSize, minLength, forcedFirstId, forcedLastIds } = rules;
  const endsLate: ScoreProcessor = (scores, text) => {
    if (text.length < minLength) for (const id of endIds) scores[id] = Number.NEGATIVE_INFINITY;
  };
  const isForced: ScoreProcessor = (scores, text) => {
    const isLast = text.length === maxNewTokens && forcedLastIds.length > 0;
    const isFirst = text.length === 1 && forcedFirstId !== null;
    const forced = isLast ? forcedLastIds : isFirst ? [forcedFirstId] : [];
    if (forced.length === 0) return;
    scores.fill(Number.NEGATIVE_INFINITY);
    for (const id of forced) scores[id] = 0;
  };
  return [...(noRepeatNgramSize > 0 ? [noRepeatNgrams(noRepeatNgramSize)] : []), endsLate, isForced];
}
