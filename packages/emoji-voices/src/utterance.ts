import { type Concept, isPlaceHeldOut } from '@ocelli/emoji-scenes';

/** Who speaks, in words that answer "who speaks?". */
export const speakers = ['a man', 'a woman'] as const;
export type Speaker = (typeof speakers)[number];

/** How often the name is said, in words that answer "how often is it said?". */
export const repetitions = ['once', 'twice', 'three times'] as const;
export type Repetition = (typeof repetitions)[number];

/** What words say of a recording. */
export interface UtteranceFacts {
  readonly concept: Concept;
  readonly speaker: Speaker;
  readonly repetition: Repetition;
}

/** The things that no man, or no woman, says in training: by its place for "speaker ". */
export function isSpeakerHeldOut(concept: Concept, speaker: Speaker): boolean {
  return isPlaceHeldOut('speaker ', concept, speakers.indexOf(speaker));
}

/** The things that are never said so often in training: by its place for "repetition ". */
export function isRepetitionHeldOut(concept: Concept, repetition: Repetition): boolean {
  return isPlaceHeldOut('repetition ', concept, repetitions.indexOf(repetition));
}

/**
 * Whether a combination is kept from training, validation and the unseen voices, and makes up `unseen-pair`: its
 * (object, speaker) or its (object, repetition) is held out.
 */
export function isUtteranceHeldOut({ concept, speaker, repetition }: UtteranceFacts): boolean {
  return isSpeakerHeldOut(concept, speaker) || isRepetitionHeldOut(concept, repetition);
}
