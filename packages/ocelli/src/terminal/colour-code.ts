import type { ColourDepth } from './terminal-ability.js';

const CUBE = [0, 95, 135, 175, 215, 255];

function nearestLevel(value: number): number {
  let best = 0;
  CUBE.forEach((level, i) => {
    if (Math.abs(level - value) < Math.abs(CUBE[best]! - value)) best = i;
  });
  return best;
}

/** The nearest of xterm's 256 colours: of its 6 x 6 x 6 cube (16 to 231) and its greys (232 to 255). */
function paletteIndex(red: number, green: number, blue: number): number {
  const levels = [red, green, blue].map(nearestLevel);
  const grey = Math.min(23, Math.max(0, Math.round(((red + green + blue) / 3 - 8) / 10)));
  const distance = (r: number, g: number, b: number) => (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2;
  const [r, g, b] = levels.map((level) => CUBE[level]!);
  const shade = 8 + 10 * grey;
  if (distance(shade, shade, shade) < distance(r!, g!, b!)) return 232 + grey;
  return 16 + 36 * levels[0]! + 6 * levels[1]! + levels[2]!;
}

/**
 * The numbers of the escape sequence that sets a colour, e.g. `38;2;255;0;0`.
 *
 * @param target `38` for the foreground, `48` for the background
 * @param depth `24-bit` or `256`
 */
export function colourCode(
  target: 38 | 48,
  [red, green, blue]: readonly [number, number, number],
  depth: Extract<ColourDepth, '24-bit' | '256'>,
): string {
  return depth === '24-bit'
    ? `${target};2;${red};${green};${blue}`
    : `${target};5;${paletteIndex(red, green, blue)}`;
}
