import type { Drawing } from '../drawings.js';
import { type Pixels, type Recolour, renderScene } from '../render-scene.js';
import type { Clip } from './clip.js';
import { frameOf, momentsOf } from './poses.js';

/** A video in memory; fits `Video` of `@ocelli/datasets`. */
export interface PixelVideo {
  readonly frames: readonly Pixels[];
  /** When each frame appears, in seconds from the beginning. */
  readonly times: readonly number[];
  /** How long all of it is shown, in seconds. */
  readonly duration: number;
}

/** How a clip is rendered. */
export interface RenderClipOptions {
  /** Side of the frames in pixels. Default 64. */
  readonly size?: number;
  /** At least 8, the default: of fewer, none might show a shake. */
  readonly frames?: number;
  /** Every frame is the middle one: what can be told without the motion. Default false. */
  readonly still?: boolean;
  /** Changes the drawing's colours: an augmentation for training. */
  readonly recolour?: Recolour;
  /** Stands in for the artist's: for training on more people's drawings than the data set has. */
  readonly drawing?: Drawing;
}

/** Every clip lasts one second. */
const duration = 1;

/**
 * Renders a clip to frames at equal distances in time. The middle one, number `floor(frames / 2)` from 0, is the one
 * that is shown half-way through; it is drawn as the middle pose, which says nothing about the motion.
 *
 * @throws when `frames` is not a whole number from 8 to 256, or `size` is out of range.
 */
export async function renderClip(
  clip: Clip,
  { frames = 8, still = false, ...picture }: RenderClipOptions = {},
): Promise<PixelVideo> {
  if (!Number.isInteger(frames) || frames < 8 || frames > 256) {
    throw new Error(`[emoji-scenes] frames ${frames} is out of range; give a whole number from 8 to 256`);
  }
  const drawn: Pixels[] = [];
  for (const moment of momentsOf(frames)) {
    const same = still || clip.motion === 'stays still' ? drawn[0] : undefined;
    drawn.push(same ?? (await renderScene(frameOf(clip, still ? 0 : moment), picture)));
  }
  return { frames: drawn, times: drawn.map((_, frame) => (duration * frame) / frames), duration };
}
