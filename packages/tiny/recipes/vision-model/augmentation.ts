import { type Copy, canvasUnits, type Recolour } from '@ocelli/emoji-scenes';
import type { Random } from '@ocelli/ops';

/** Draws from -reach to reach. */
function spread(reach: number, random: Random): number {
  return (2 * random.uniform() - 1) * reach;
}

/** Where scenes put the middle of a copy, on average, in each half of the canvas; and how large it is there. */
const middles = [canvasUnits / 4, (3 * canvasUnits) / 4] as const;
const middleSize = 29.5;

/**
 * A copy in the same quarter, but anywhere around its middle, of any size, turn and proportions, now and then mirrored:
 * further than scenes themselves go.
 */
export function variedCopy({ x, y }: Copy, variation: number, random: Random): Copy {
  const around = (middle: number, reach: number): number => middle + spread(reach * variation, random);
  const centre = (value: number): number => around(middles[value < canvasUnits / 2 ? 0 : 1], 2.5);
  return {
    x: centre(x),
    y: centre(y),
    size: around(middleSize, 3),
    rotation: around(0, 12),
    mirrored: random.uniform() < 0.3 * variation,
    stretch: Math.exp(around(0, 0.25)),
  };
}

/**
 * Random contrast, brightness, saturation, tint and shading of a drawing: what differs between artists as much as shapes
 * do. A silhouette gets any colour at all.
 */
export function recolouring(variation: number, isSilhouette: boolean, random: Random): Recolour {
  const about = (reach: number): number => spread(reach * variation, random);
  const contrast = Math.exp(about(0.45));
  const brightness = about(0.15);
  const saturation = random.uniform() < 0.12 * variation ? 0 : 1 + about(0.6);
  const gains = [0, 1, 2].map(() => 1 + about(0.2));
  const [fromLeft, fromTop] = [about(0.25), about(0.25)];
  const fill = isSilhouette ? [random.uniform(), random.uniform(), random.uniform()] : [0, 0, 0];
  return (red, green, blue, across, down) => {
    const grey = 0.3 * red + 0.59 * green + 0.11 * blue;
    const shade = brightness + fromLeft * across + fromTop * down;
    const change = (value: number, gain: number): number => {
      const saturated = grey + (value - grey) * saturation;
      return Math.min(1, Math.max(0, ((saturated - 0.5) * contrast + 0.5 + shade) * gain));
    };
    const filled = (value: number, channel: number): number =>
      change(value + (1 - value) * fill[channel]!, gains[channel]!);
    return [filled(red, 0), filled(green, 1), filled(blue, 2)];
  };
}
