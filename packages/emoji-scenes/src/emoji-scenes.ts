import type { ConceptSet } from './concepts.js';
import { type Question, questionsOf } from './questions.js';
import { type Pixels, renderScene } from './render-scene.js';
import { type RenderedDataset, renderedDataset } from './rendered-dataset.js';
import { sampleId } from './sample-id.js';
import { conceptsOf, type Scene, type Split, sceneOf } from './scene.js';
import { captionsOf } from './words.js';

/** A picture that is drawn when it is asked for. */
export interface RenderedImage {
  readonly kind: 'rendered';
  /** Names the pixels for good: equal keys, equal pixels. Feature caches use it. */
  readonly key: string;
  render(): Promise<Pixels>;
}

/** One picture with its captions and questions; fits `Sample` of `@ocelli/datasets`. */
export interface EmojiSample {
  readonly id: string;
  readonly media: { readonly image: RenderedImage };
  readonly text: {
    /** Five captions; the first is the canonical one. */
    readonly captions: readonly string[];
    /** Five questions, one of each type. */
    readonly questions: readonly Question[];
  };
  /** What the picture shows. */
  readonly scene: Scene;
}

/** A data set of emoji scenes. */
export type EmojiDataset = RenderedDataset<EmojiSample>;

/** How `emojiScenes` is asked for a data set. */
export interface EmojiScenesOptions {
  readonly split: Split;
  /** Default `demo`. */
  readonly concepts?: ConceptSet;
  /** Number of samples; any number up to a million. Default 20,000 for `train`, else 1,000. */
  readonly size?: number;
  /** Another seed gives other scenes. Default 0, the published data set. */
  readonly seed?: number;
  /** Side of the pictures in pixels. Default 64. */
  readonly imageSize?: number;
}

/** Version of the pictures: raised when a drawing set or the renderer changes pixels, so that caches see new keys. */
export const pictureVersion = 4;

/**
 * Scenes of one to four copies of an emoji on a coloured background, with captions and questions. A sample follows from
 * its id alone, so the data set takes no room and every machine sees the same one. Samples are drawn independently of
 * each other: the first thousand of 20,000 are the same as those of a data set of 1,000.
 *
 * @throws when `size` or `seed` is not a whole number in range.
 */
export function emojiScenes(options: EmojiScenesOptions): EmojiDataset {
  const { split, concepts: set = 'demo', size, seed = 0, imageSize = 64 } = options;
  const concepts = conceptsOf(split, set);
  return renderedDataset(`emoji-scenes/${set}`, { split, seed, size }, (index): EmojiSample => {
    const id = sampleId({ set, split, seed, index });
    const scene = sceneOf(id);
    return {
      id,
      media: {
        image: {
          kind: 'rendered',
          key: `emoji-scenes-${pictureVersion}/${id}/${imageSize}`,
          render: () => renderScene(scene, { size: imageSize }),
        },
      },
      text: { captions: captionsOf(scene), questions: questionsOf(id, scene, concepts) },
      scene,
    };
  });
}
