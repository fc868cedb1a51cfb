import type { LanguageModel } from '@ocelli/backbones';
import { media } from '../media/media.js';
import { entryOf, type Sources } from '../text/documents.js';
import type { Thing } from '../text/things.js';
import type { OpenTokenizer } from '../tokenizer/make-tokenizer.js';
import { heldOutShown, type ShownScores, scoreShown } from './score-shown.js';
import { scoreSteering } from './score-steering.js';
import { scoreTexts, type TextScores } from './score-texts.js';

/** Everything that the model card tells of a model. */
export interface ModelScores {
  readonly heldOutEntries: TextScores & { readonly texts: number };
  /** Of each medium: things of the demo, and things of all sources, in combinations that no text shows. */
  readonly shown: readonly {
    readonly medium: string;
    readonly things: 'demo' | 'all';
    readonly channel: 'words' | 'slot';
    readonly samples: number;
    readonly scores: ShownScores;
  }[];
  readonly steering: readonly {
    readonly medium: string;
    readonly things: number;
    readonly samples: number;
    readonly caption: number;
  }[];
}

const samples = 200;

/** Measures a finished model. @param firstLayer where slots are put in from */
export async function scoreModel(
  model: LanguageModel,
  tokenizer: OpenTokenizer,
  sources: Sources,
  demo: readonly Thing[],
  firstLayer: number,
): Promise<ModelScores> {
  const texts = sources.heldOutEntries.map(entryOf);
  const heldOutEntries = { ...(await scoreTexts(model, tokenizer.encode, texts)), texts: texts.length };
  const { scenes, labels, nouns } = sources.things;
  const all = [...scenes, ...labels, ...nouns];
  const shown = [];
  const steering = [];
  for (const medium of media) {
    const lists = {
      demo: heldOutShown(medium, demo, samples, 'demo'),
      all: heldOutShown(medium, all, samples, 'all'),
    };
    for (const things of ['demo', 'all'] as const) {
      for (const channel of ['words', 'slot'] as const) {
        const how = channel === 'words' ? channel : { firstLayer };
        const scores = await scoreShown(model, tokenizer, sources, lists[things], how);
        shown.push({ medium: medium.name, things, channel, samples, scores });
      }
    }
    const caption = await scoreSteering(model, tokenizer, demo, lists.demo, firstLayer);
    steering.push({ medium: medium.name, things: demo.length, samples, caption });
  }
  return { heldOutEntries, shown, steering };
}
