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
  /** Left and right exchanged; an augmentation, which no scene of a sample has. */
  readonly mirrored?: boolean;
  /** Width over height of a drawing that was square, its area kept; an augmentation too. Default 1. */
  readonly stretch?: number;
}

/** The canvas is 64 units wide and high, whatever its size in pixels. */
export const canvasUnits = 64;

const maximumRotation = 6;
const smallest = 28;
const largest = 31;

/** Side of the upright square around a square of side 1 that is turned by `degrees`. */
function extent(degrees: number): number {
  const radians = (Math.abs(degrees) * Math.PI) / 180;
  return Math.cos(radians) + Math.sin(radians);
}

/** The largest turn up to `maximumRotation` at which a square of side `size` still fits a room of side `room`. */
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
function placeIn(cell: Cell, random: Random): Copy {
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
 * Places 1 to 4 copies in different quarters of the canvas: 28 to 31 units each, turned by up to 6 degrees (less where
 * the quarter is tight), anywhere in the quarter. One room and one range of sizes for all counts, so that size says
 * nothing about the count, and a small encoder can learn to see in minutes.
 */
export function placeCopies(count: number, random: Random): Copy[] {
  const half = canvasUnits / 2;
  const quarters = [0, 1, 2, 3];
  while (quarters.length > count) quarters.splice(random.below(quarters.length), 1);
  return quarters.map((quarter) =>
    placeIn({ left: (quarter % 2) * half, top: quarter < 2 ? 0 : half, width: half, height: half }, random),
  );
}
