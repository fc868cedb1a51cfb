import type { Random } from './random.js';

/** The name of a background colour, as captions and answers say it. */
export type ColourName = 'red' | 'orange' | 'yellow' | 'green' | 'blue' | 'purple' | 'pink' | 'gray';

/** Red, green, blue, each 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** The middle shade of each of the eight background colours. */
export const colours: Readonly<Record<ColourName, Rgb>> = {
  red: [204, 52, 52],
  orange: [240, 140, 40],
  yellow: [246, 222, 84],
  green: [84, 172, 84],
  blue: [72, 120, 220],
  purple: [132, 74, 180],
  pink: [250, 176, 206],
  gray: [156, 160, 164],
};

/** The eight names in a fixed order. */
export const colourNames = Object.keys(colours) as readonly ColourName[];

/** A shade of the colour: up to 12 lighter or darker, and up to 6 off in each channel. Four numbers are drawn. */
export function shadeOf(name: ColourName, random: Random): Rgb {
  const lightness = random.between(-12, 12);
  const [red, green, blue] = colours[name];
  const jitter = (middle: number) =>
    Math.max(0, Math.min(255, Math.round(middle + lightness + random.between(-6, 6))));
  return [jitter(red), jitter(green), jitter(blue)];
}
