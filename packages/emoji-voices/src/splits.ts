import { trainingVoices, unseenVoices, type Voice, validationVoices } from './voices.js';

/**
 * What a recording is for. `train`: 25 voices. `validation`: four voices to choose settings on. `unseen-voice`: a family
 * of eight voices that nothing was trained or chosen on. `unseen-pair`: the training voices, but combinations of object
 * and speaker, or object and repetition, that training never has.
 */
export type VoiceSplit = 'train' | 'validation' | 'unseen-voice' | 'unseen-pair';

/** The four splits. */
export const voiceSplits: readonly VoiceSplit[] = ['train', 'validation', 'unseen-voice', 'unseen-pair'];

/** The voices of a split. */
export const voicesOf: Readonly<Record<VoiceSplit, readonly Voice[]>> = {
  train: trainingVoices,
  validation: validationVoices,
  'unseen-voice': unseenVoices,
  'unseen-pair': trainingVoices,
};
