import { type Copy, canvasUnits } from '../placement.js';
import type { Random } from '../random.js';
import type { Scene } from '../scene.js';
import type { Clip } from './clip.js';
import type { Motion } from './motions.js';

/** Farthest that a drawing's centre is from the canvas's half-way through, in each direction, in units. */
const offCentre = 4;
/** Units that a drawing moves in a whole clip, at a reach of 1. */
const travel = 21;
/** Degrees that it turns. */
const turn = 180;
/** By how much it grows from the middle to the end. */
const growth = 1.5;
/** Units that it shakes to either side. */
const swing = 4;

/**
 * How a drawing stands half-way through a clip: as large and as upright as in pictures, near the middle of the canvas, so
 * that whatever it does it stays on the canvas. Four numbers are drawn, whatever the motion: size, rotation, x, y.
 */
export function middlePose(random: Random): Copy {
  const size = random.between(28, 31);
  const rotation = random.between(-6, 6);
  const place = () => canvasUnits / 2 + random.between(-offCentre, offCentre);
  return { x: place(), y: place(), size, rotation };
}

/** What each motion makes of the middle pose at a moment from -0.5 to 0.5, 0 being half-way. */
const poses: Readonly<Record<Motion, (middle: Copy, moment: number, reach: number) => Copy>> = {
  'moves left': (middle, moment, reach) => ({ ...middle, x: middle.x - travel * reach * moment }),
  'moves right': (middle, moment, reach) => ({ ...middle, x: middle.x + travel * reach * moment }),
  'moves up': (middle, moment, reach) => ({ ...middle, y: middle.y - travel * reach * moment }),
  'moves down': (middle, moment, reach) => ({ ...middle, y: middle.y + travel * reach * moment }),
  'turns left': (middle, moment, reach) => ({ ...middle, rotation: middle.rotation - turn * reach * moment }),
  'turns right': (middle, moment, reach) => ({
    ...middle,
    rotation: middle.rotation + turn * reach * moment,
  }),
  grows: (middle, moment, reach) => ({ ...middle, size: middle.size * growth ** (2 * reach * moment) }),
  shrinks: (middle, moment, reach) => ({ ...middle, size: middle.size / growth ** (2 * reach * moment) }),
  // To and fro, twice.
  shakes: (middle, moment, reach) => ({
    ...middle,
    x: middle.x + swing * reach * Math.sin(4 * Math.PI * moment),
  }),
  'stays still': (middle) => middle,
};

/**
 * A clip at a moment, as a picture of one copy.
 *
 * @param moment from -0.5, the beginning, over 0, half-way, to 0.5, the end
 */
export function frameOf(clip: Clip, moment: number): Scene {
  const { artist, concept, background, motion, middle, reach } = clip;
  return { artist, concept, count: 1, background, copies: [poses[motion](middle, moment, reach)] };
}

/** The moments of a clip's frames, for `frameOf`, at equal distances; number `floor(frames / 2)` is half-way. */
export function momentsOf(frames: number): number[] {
  const middle = Math.floor(frames / 2);
  return Array.from({ length: frames }, (_, frame) => (frame - middle) / frames);
}
