import { type Concept, concepts, Random } from '@ocelli/emoji-scenes';
import { parseRecordingId } from './sample-id.js';
import { voicesOf } from './splits.js';
import {
  isUtteranceHeldOut,
  type Repetition,
  repetitions,
  type Speaker,
  speakers,
  type UtteranceFacts,
} from './utterance.js';
import { type Accent, accents, type Voice } from './voices.js';

/** One time that the name is said. */
export interface Saying {
  /** Silence before it, in seconds. */
  readonly pause: number;
  /** Words a minute. */
  readonly rate: number;
  /** 0 to 99; 50 is the voice's own. */
  readonly pitch: number;
  /** Its loudest sample, 0 to 1. */
  readonly level: number;
}

/** Everything that makes a recording. */
export interface Utterance extends UtteranceFacts {
  readonly voice: Voice;
  readonly accent: Accent;
  /** One, two or three. */
  readonly sayings: readonly Saying[];
  readonly noise: {
    /** Its root mean square, 0 to 1. */
    readonly level: number;
    /** 0 is white; the nearer to 1, the deeper. */
    readonly depth: number;
    /** Names the samples for good. */
    readonly seed: string;
  };
}

/**
 * The recording that a sample's id stands for, and nothing else is needed. Drawn from `Random("voices/" + id)`, uniformly
 * and independently, in this order: concept, speaker, repetition (these three again until the combination is held out,
 * for `unseen-pair`, or is not, for the other splits), voice, accent, speed, pitch, level, noise, and each saying's
 * departure from them.
 *
 * @param id e.g. `demo/train/000123`
 * @throws when the id is malformed.
 */
export function utteranceOf(id: string): Utterance {
  const { split, set } = parseRecordingId(id);
  const random = new Random(`voices/${id}`);
  const list = concepts(set);
  let concept: Concept;
  let speaker: Speaker;
  let repetition: Repetition;
  do {
    concept = random.pick(list);
    speaker = random.pick(speakers);
    repetition = random.pick(repetitions);
  } while (isUtteranceHeldOut({ concept, speaker, repetition }) !== (split === 'unseen-pair'));
  const voice = random.pick(voicesOf[split].filter((one) => one.speaker === speaker));
  const accent = random.pick(accents);
  const rate = random.between(185, 235);
  const pitch = random.between(38, 62);
  const level = random.between(0.2, 0.8);
  const noise = {
    level: level * random.between(0.001, 0.015),
    depth: random.between(0, 0.95),
    seed: `voices/${id}/noise`,
  };
  const sayings = Array.from({ length: 1 + repetitions.indexOf(repetition) }, (_, index) => ({
    pause: index === 0 ? random.between(0.05, 0.4) : random.between(0.12, 0.3),
    rate: Math.round(rate * random.between(0.95, 1.05)),
    pitch: Math.round(pitch + random.between(-4, 4)),
    level: level * random.between(0.8, 1.2),
  }));
  return { concept, speaker, repetition, voice, accent, sayings, noise };
}
