import type { LanguageModel } from '@ocelli/backbones';
import { entryOf, type Sources } from '../text/documents.js';
import type { Thing } from '../text/things.js';
import type { OpenTokenizer } from '../tokenizer/make-tokenizer.js';
import { heldOutScenes, type SceneScores, scoreScenes } from './score-scenes.js';
import { scoreSteering } from './score-steering.js';
import { scoreTexts, type TextScores } from './score-texts.js';

/** Everything that the model card tells of a model. */
export interface ModelScores {
  readonly heldOutEntries: TextScores & { readonly texts: number };
  /** Things of the demo, and things of all sources, in combinations that no text shows. */
  readonly scenes: readonly {
    readonly things: 'demo' | 'all';
    readonly channel: 'words' | 'slot';
    readonly samples: number;
    readonly scores: SceneScores;
  }[];
  readonly steering: { readonly things: number; readonly samples: number; readonly caption: number };
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
  const lists = {
    demo: heldOutScenes(demo, samples, 'demo'),
    all: heldOutScenes([...scenes, ...labels, ...nouns], samples, 'all'),
  };
  const measured = [];
  for (const things of ['demo', 'all'] as const) {
    for (const channel of ['words', 'slot'] as const) {
      const how = channel === 'words' ? channel : { firstLayer };
      const scores = await scoreScenes(model, tokenizer, sources, lists[things], how);
      measured.push({ things, channel, samples, scores });
    }
  }
  const caption = await scoreSteering(model, tokenizer, demo, lists.demo, firstLayer);
  return {
    heldOutEntries,
    scenes: measured,
    steering: { things: demo.length, samples, caption },
  };
}
