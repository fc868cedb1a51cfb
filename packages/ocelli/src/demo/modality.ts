import type { Media, Pixels, Video, Waveform } from '@ocelli/datasets';
import type { ConceptSet } from '@ocelli/emoji-scenes';
import type { ReportCredit, ReportSplit } from '../report/index.js';

/** A picture, clip or recording of the demo, with words and facts. */
export interface DemoSample {
  readonly id: string;
  readonly media: Media;
  readonly text: {
    /** The first is the canonical one. */
    readonly captions: readonly string[];
    /** One of each type. */
    readonly questions: readonly {
      readonly type: string;
      readonly question: string;
      readonly answers: readonly string[];
    }[];
  };
  /** The label of the thing that it shows. */
  readonly label: string;
  /** Which value each fact of the caption has: `{ object: 12, count: 2, colour: 5 }`. */
  readonly facts: Readonly<Record<string, number>>;
  /** Who drew or spoke it. */
  readonly author: string;
  /** What the report shows or plays; larger than what the encoder takes. */
  show(): Promise<Pixels | Video | Waveform>;
}

/** What samples of a split are asked for. */
export interface DemoSamplesOptions {
  readonly split: string;
  readonly concepts: ConceptSet;
  readonly size: number;
  /** Side of pictures and frames in pixels, what the encoder takes, so that nothing is lost by resizing. */
  readonly side: number;
  /** All frames of a clip are its middle one. Only where `hasStills`. */
  readonly still?: boolean;
}

/** How the page and the terminal speak of a modality. */
export interface DemoWords {
  readonly title: string;
  /** "A frozen language model sees drawings through a few trained numbers". */
  readonly subtitle: string;
  /** A sample: "picture". */
  readonly sample: string;
  /** Above the captions in the terminal: "Pictures never seen". */
  readonly unseen: string;
  readonly splits: readonly ReportSplit[];
  /** What a person would ask, by type of question. */
  readonly questions: Readonly<Record<string, string>>;
  /** Whose drawings, voices and words the demo shows. */
  readonly credits: readonly ReportCredit[];
}

/** One kind of thing that the demo gives a language model to perceive. */
export interface DemoModality {
  readonly name: 'image' | 'video' | 'audio';
  /** The embedded encoder: `tiny`, `tiny-video` or `tiny-audio`. */
  readonly encoder: string;
  /** What it can be tested on; the first two are the default, the first leads the report. */
  readonly heldOutSplits: readonly string[];
  /** Changes of the default settings: `trainSamples=4000`. */
  readonly settings: readonly string[];
  /** The number of values of each fact that captions tell. */
  facts(concepts: ConceptSet): Readonly<Record<string, number>>;
  /** Whether its samples can stand still, to see what a single frame tells. */
  readonly hasStills: boolean;
  samples(options: DemoSamplesOptions): Promise<DemoSample[]>;
  readonly words: DemoWords;
}
