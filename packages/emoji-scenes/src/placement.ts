import type { Random } from './random.js';

/** Where one copy of the drawing stands. Lengths are in sixty-fourths of the canvas side. */
export interface Copy {
  /** Centre. */
  readonly x: number;
  readonly y: number;
  /** Side of the square that the drawing's ink just fits. */
  readonly size: number;
  /** Degrees, clockwise. */
  readonly rotation: number;
}

/** The canvas is 64 units wide and high, whatever its size in pixels. */
export const canvasUnits = 64;

const maximumRotation = 25;

/** Side of the upright square around a square of side 1 that is turned by `degrees`. */
function extent(degrees: number): number {
  const radians = (Math.abs(degrees) * Math.PI) / 180;
  return Math.cos(radians) + Math.sin(radians);
}

/** The largest turn up to 25 degrees at which a square of side `size` still fits a room of side `room`. */
function rotationLimit(size: number, room: number): number {
  const ratio = room / size;
  if (ratio >= extent(maximumRotation)) return maximumRotation;
  return (Math.asin(Math.max(0, ratio * ratio - 1)) * 90) / Math.PI;
}

interface Cell {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A copy that lies inside the cell with its turned square. Four numbers are drawn: size, rotation, x, y. */
function placeIn(cell: Cell, smallest: number, largest: number, random: Random): Copy {
  const size = random.between(smallest, largest);
  const limit = rotationLimit(size, Math.min(cell.width, cell.height));
  const rotation = random.between(-limit, limit);
  const half = (size * extent(rotation)) / 2;
  return {
    x: cell.left + random.between(half, cell.width - half),
    y: cell.top + random.between(half, cell.height - half),
    size,
    rotation,
  };
}

/**
 * Places 1 to 4 copies. One: 34 to 56 units, anywhere. Two: 26 to 31 units, one in each half, the canvas being halved
 * upright or flat. Three and four: 24 to 30 units in different quarters. No two copies overlap, none leaves the canvas,
 * and each is turned by up to 25 degrees, less where its room is tight.
 */
export function placeCopies(count: number, random: Random): Copy[] {
  if (count === 1) {
    return [placeIn({ left: 0, top: 0, width: canvasUnits, height: canvasUnits }, 34, 56, random)];
  }
  const half = canvasUnits / 2;
  if (count === 2) {
    const upright = random.below(2) === 0;
    return [0, half].map((start) =>
      placeIn(
        upright
          ? { left: start, top: 0, width: half, height: canvasUnits }
          : { left: 0, top: start, width: canvasUnits, height: half },
        26,
        31,
        random,
      ),
    );
  }
  const quarters = [0, 1, 2, 3];
  if (count === 3) quarters.splice(random.below(4), 1);
  return quarters.map((quarter) =>
    placeIn(
      { left: (quarter % 2) * half, top: quarter < 2 ? 0 : half, width: half, height: half },
      24,
      30,
      random,
    ),
  );
}
