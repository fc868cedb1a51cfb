import { type EmojiScenesOptions, pictureVersion } from '../emoji-scenes.js';
import { type RenderedDataset, renderedDataset } from '../rendered-dataset.js';
import { conceptsOf } from '../scene.js';
import { type Clip, clipId, clipOf } from './clip.js';
import { type ClipQuestion, clipCaptionsOf, clipQuestionsOf } from './clip-words.js';
import { type PixelVideo, renderClip } from './render-clip.js';

/** A video that is drawn when it is asked for. */
export interface RenderedVideo {
  readonly kind: 'rendered';
  /** Names the frames for good: equal keys, equal pixels. Feature caches use it. */
  readonly key: string;
  render(): Promise<PixelVideo>;
}

/** One clip with its captions and questions; fits `Sample` of `@ocelli/datasets`. */
export interface EmojiClip {
  readonly id: string;
  readonly media: { readonly video: RenderedVideo };
  readonly text: {
    /** Five captions; the first is the canonical one. */
    readonly captions: readonly string[];
    /** Five questions, one of each type. */
    readonly questions: readonly ClipQuestion[];
  };
  /** What the video shows. */
  readonly clip: Clip;
}

/** How `emojiClips` is asked for a data set. */
export interface EmojiClipsOptions extends EmojiScenesOptions {
  /** Of a clip, 8 (default) to 256. */
  readonly frames?: number;
  /**
   * Every frame is the clip's middle one; ids and words stay as they are. What a model makes of these videos is what can be
   * said without having seen the motion. Default false.
   */
  readonly still?: boolean;
}

/** Version of the clips: raised when what they show changes and pictures do not. */
const clipVersion = 1;

/**
 * Clips of an emoji that does one of ten things on a coloured background, with captions and questions, split like the
 * pictures of `emojiScenes`. A sample follows from its id alone.
 *
 * A single frame does not tell the motion: the middle one is drawn as if there were none.
 *
 * @throws when `size` or `seed` is not a whole number in range.
 */
export function emojiClips(options: EmojiClipsOptions): RenderedDataset<EmojiClip> {
  const {
    split,
    concepts: set = 'demo',
    size,
    seed = 0,
    imageSize = 64,
    frames = 8,
    still = false,
  } = options;
  const concepts = conceptsOf(split, set);
  const name = `emoji-clips/${set}${still ? '/still' : ''}`;
  return renderedDataset(name, { split, seed, size }, (index): EmojiClip => {
    const id = clipId({ set, split, seed, index });
    const clip = clipOf(id);
    return {
      id,
      media: {
        video: {
          kind: 'rendered',
          key: `emoji-scenes-${pictureVersion}.${clipVersion}/${id}/${imageSize}x${frames}${still ? '/still' : ''}`,
          render: () => renderClip(clip, { size: imageSize, frames, still }),
        },
      },
      text: { captions: clipCaptionsOf(clip), questions: clipQuestionsOf(id, clip, concepts) },
      clip,
    };
  });
}
