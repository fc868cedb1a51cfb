export {
  isRepetitionHeldOut,
  isSpeakerHeldOut,
  isUtteranceHeldOut,
  type Repetition,
  repetitions,
  type Speaker,
  speakers,
  type UtteranceFacts,
} from './utterance.js';
export {
  type UtteranceQuestion,
  type UtteranceQuestionType,
  utteranceCaptionsOf,
  utteranceQuestionsOf,
} from './utterance-words.js';
