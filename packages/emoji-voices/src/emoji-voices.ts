import {
  type ConceptSet,
  concepts as conceptsOf,
  type RenderedDataset,
  renderedDataset,
} from '@ocelli/emoji-scenes';
import { type Utterance, utteranceOf } from './recording.js';
import { renderUtterance, type Waveform } from './render-utterance.js';
import { recordingId } from './sample-id.js';
import { type VoiceSplit, voiceSplits } from './splits.js';
import { type UtteranceQuestion, utteranceCaptionsOf, utteranceQuestionsOf } from './utterance-words.js';

/** A recording that is spoken when it is asked for. */
export interface RenderedRecording {
  readonly kind: 'rendered';
  /** Names the sound for good: equal keys, equal samples. Feature caches use it. */
  readonly key: string;
  render(): Promise<Waveform>;
}

/** One recording with its captions and questions; fits `Sample` of `@ocelli/datasets`. */
export interface VoiceSample {
  readonly id: string;
  readonly media: { readonly audio: RenderedRecording };
  readonly text: {
    /** Five captions; the first is the canonical one. */
    readonly captions: readonly string[];
    /** Five questions, one of each type. */
    readonly questions: readonly UtteranceQuestion[];
  };
  /** What is heard. */
  readonly utterance: Utterance;
}

/** How `emojiVoices` is asked for a data set. */
export interface EmojiVoicesOptions {
  readonly split: VoiceSplit;
  /** Default `demo`. */
  readonly concepts?: ConceptSet;
  /** Number of samples; any number up to a million. Default 20,000 for `train`, else 1,000. */
  readonly size?: number;
  /** Another seed gives other recordings. Default 0, the published data set. */
  readonly seed?: number;
}

/** Version of the sounds: raised when the synthesiser or the mix changes samples, so that caches see new keys. */
const soundVersion = 1;

/**
 * Recordings of a synthetic voice that says a thing's name once, twice or three times, with captions and questions. A
 * sample follows from its id alone, so the data set takes no room and every machine hears the same one. Samples are drawn
 * independently of each other: the first thousand of 20,000 are the same as those of a data set of 1,000.
 *
 * @throws when there is no such split, or `size` or `seed` is not a whole number in range.
 */
export function emojiVoices(options: EmojiVoicesOptions): RenderedDataset<VoiceSample> {
  const { split, concepts: set = 'demo', size, seed = 0 } = options;
  if (!voiceSplits.includes(split)) {
    throw new Error(`[emoji-voices] there is no split "${split}"; choose one of ${voiceSplits.join(', ')}`);
  }
  const concepts = conceptsOf(set);
  return renderedDataset(`emoji-voices/${set}`, { split, seed, size }, (index): VoiceSample => {
    const id = recordingId({ set, split, seed, index });
    const utterance = utteranceOf(id);
    return {
      id,
      media: {
        audio: {
          kind: 'rendered',
          key: `emoji-voices-${soundVersion}/${id}`,
          render: () => renderUtterance(utterance),
        },
      },
      text: {
        captions: utteranceCaptionsOf(utterance),
        questions: utteranceQuestionsOf(id, utterance, concepts),
      },
      utterance,
    };
  });
}
