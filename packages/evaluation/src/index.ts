export { AnswersFile } from './answers-file/answers-file.js';
export type {
  AnswersFileSettings,
  JsonValue,
} from './answers-file/answers-file-settings.js';
export { type AokvqaAccuracyResult, type AokvqaSample, aokvqaAccuracy } from './aokvqa-accuracy.js';
export { type BleuResult, type BleuScores, bleu, bleuSums } from './bleu.js';
export { type ChairOptions, type ChairResult, type ChairSample, chair, chairSums } from './chair.js';
export { COCO_OBJECTS, parseObjectSynonyms } from './chair-objects.js';
export { choiceOfAnswer } from './choice-of-answer.js';
export { type CiderOptions, type CiderResult, cider } from './cider.js';
export { type ClipSample, type ClipScoreResult, clipScore } from './clip-score.js';
export { compareAnswers, compareCaptions, type ScoreComparison } from './compare-evaluations.js';
export {
  type AnswerEvaluation,
  type AnswerOptions,
  type AnswerSample,
  type AnswerScores,
  evaluateAnswers,
} from './evaluate-answers.js';
export {
  type CaptionEvaluation,
  type CaptionOptions,
  type CaptionSample,
  type CaptionScores,
  evaluateCaptions,
  tokenizeCaptionSamples,
} from './evaluate-captions.js';
export { EvaluationError } from './evaluation-error.js';
export { exactMatch, normalizeForExactMatch } from './exact-match.js';
export { type ExactAnswerSample, type GqaAccuracyResult, gqaAccuracy } from './gqa-accuracy.js';
export type { JarOptions } from './java/start-java.js';
export { METEOR_FUNCTION_WORDS } from './meteor/function-words.js';
export { type MeteorOptions, type MeteorResult, meteor, meteorSums } from './meteor/meteor.js';
export { meteorFromJar } from './meteor/meteor-jar.js';
export type { SynonymLookup } from './meteor/meteor-lexicon.js';
export { loadWordNet } from './meteor/wordnet.js';
export { type NlvrAccuracyResult, type NlvrSample, nlvr2Statement, nlvrAccuracy } from './nlvr-accuracy.js';
export { normalizeVqaAnswer } from './normalize-vqa-answer.js';
export { type PopeResult, type PopeSample, type PopeScores, pope, popeSums, saysYes } from './pope.js';
export { bootstrapInterval, type Interval, type IntervalOptions } from './resampling/bootstrap-interval.js';
export {
  approximateRandomization,
  pairedBootstrap,
  type RunDifference,
  type RunDifferenceInterval,
} from './resampling/compare-runs.js';
export type { ResamplingOptions } from './resampling/random.js';
export { meanOf, type SampleSums } from './resampling/sample-sums.js';
export {
  type RetrievalResult,
  type RetrievalScores,
  retrievalRecall,
} from './retrieval-recall.js';
export { type RougeLResult, rougeL } from './rouge-l.js';
export {
  type ScienceQaAccuracyResult,
  type ScienceQaSample,
  type ScienceQaSplit,
  type SplitAccuracy,
  scienceQaAccuracy,
} from './science-qa-accuracy.js';
export { sceneTuples } from './spice/scene-tuples.js';
export { type SpiceOptions, type SpiceResult, spiceFromJar } from './spice/spice-jar.js';
export { spider } from './spice/spider.js';
export { type TupleFScoreResult, tupleFScore } from './spice/tuple-f-score.js';
export { DROPPED_PUNCTUATION, tokenizeCaption } from './tokenize-caption.js';
export { tokenizePtb } from './tokenize-ptb.js';
export type { TokenizedSample } from './tokenized-sample.js';
export { type VqaAccuracyOptions, vqaAccuracy } from './vqa-accuracy.js';
