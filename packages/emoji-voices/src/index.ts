export {
  type EmojiVoicesOptions,
  emojiVoices,
  type RenderedRecording,
  type VoiceSample,
} from './emoji-voices.js';
export { type Saying, type Utterance, utteranceOf } from './recording.js';
export { recordingSeconds, renderUtterance, type Waveform } from './render-utterance.js';
export { parseRecordingId, type RecordingIdParts, recordingId } from './sample-id.js';
export { type VoiceSplit, voiceSplits, voicesOf } from './splits.js';
export { type Manner, openSynthesizer, type Synthesizer, samplingRate } from './synthesizer.js';
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
export {
  type Accent,
  accents,
  trainingVoices,
  unseenVoices,
  type Voice,
  validationVoices,
  voices,
} from './voices.js';
