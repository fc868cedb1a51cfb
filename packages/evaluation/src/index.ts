export { type BleuResult, type BleuScores, bleu } from './bleu.js';
export { type CiderOptions, type CiderResult, cider } from './cider.js';
export {
  type AnswerEvaluation,
  type AnswerSample,
  type AnswerScores,
  evaluateAnswers,
} from './evaluate-answers.js';
export {
  type CaptionEvaluation,
  type CaptionSample,
  type CaptionScores,
  evaluateCaptions,
} from './evaluate-captions.js';
export { EvaluationError } from './evaluation-error.js';
export { exactMatch, normalizeForExactMatch } from './exact-match.js';
export { normalizeVqaAnswer } from './normalize-vqa-answer.js';
export { type RougeLResult, rougeL } from './rouge-l.js';
export { DROPPED_PUNCTUATION, tokenizeCaption } from './tokenize-caption.js';
export { tokenizePtb } from './tokenize-ptb.js';
export type { TokenizedSample } from './tokenized-sample.js';
export { type VqaAccuracyOptions, vqaAccuracy } from './vqa-accuracy.js';
