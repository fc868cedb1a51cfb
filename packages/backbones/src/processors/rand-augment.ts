import { OcelliError, type Random } from '@ocelli/ops';
import type { AffineOptions } from './affine-transform.js';
import type { ImageOperation, OperationName } from './image-operation.js';
import type { ImageSize } from './image-processor-config.js';

/** Which operations RandAugment (Cubuk et al. 2019, arXiv 1909.13719) draws from, and how it does them. */
export interface RandAugmentPolicy extends AffineOptions {
  readonly operations: readonly RandomOperation[];
  /** How many are drawn; one may come twice. */
  readonly count: number;
  /** Of one that is drawn to be done. */
  readonly probability: number;
}

export interface RandomOperation {
  readonly name: OperationName;
  /** What `amount` is for an image of this size. */
  readonly amount: (size: ImageSize) => number;
  /** How the amount becomes its opposite in half of the draws: not at all, x to -x, or 1 + x to 1 - x. */
  readonly sign: 'fixed' | 'either' | 'around 1';
}

/**
 * eP-ALM's for pictures: 2 of 10 operations, each done half of the time, all at one magnitude out of 10. The original code
 * shears, moves and turns through OpenCV, which blends the border with the grey outside of it and turns about a point half
 * a pixel away; here both are Pillow's. In all else they are equal.
 *
 * @param magnitude default 7.
 */
export function imageRandAugment(magnitude = 7): RandAugmentPolicy {
  checkMagnitude(magnitude, 10);
  const part = magnitude / 10;
  const plain = (name: OperationName): RandomOperation => ({ name, amount: () => 0, sign: 'fixed' });
  const enhanced = (name: OperationName): RandomOperation => ({
    name,
    amount: () => part * 1.8 + 0.1,
    sign: 'fixed',
  });
  const moved = (name: OperationName, most: number): RandomOperation => ({
    name,
    amount: () => part * most,
    sign: 'either',
  });
  return {
    operations: [
      plain('identity'),
      plain('autoContrast'),
      plain('equalize'),
      enhanced('brightness'),
      enhanced('sharpness'),
      moved('shearX', 0.3),
      moved('shearY', 0.3),
      moved('translateX', 10),
      moved('translateY', 10),
      moved('rotate', 30),
    ],
    count: 2,
    probability: 0.5,
    filter: 'bilinear',
    fill: 128,
  };
}

/**
 * eP-ALM's for videos, torchvision's RandAugment: 2 of 14 operations, always done, at one magnitude out of 30.
 *
 * @param magnitude a whole number, default 9.
 */
export function videoRandAugment(magnitude = 9): RandAugmentPolicy {
  checkMagnitude(magnitude, 30);
  const part = magnitude / 30;
  const plain = (name: OperationName, amount = 0): RandomOperation => ({
    name,
    amount: () => amount,
    sign: 'fixed',
  });
  const enhanced = (name: OperationName): RandomOperation => ({
    name,
    amount: () => 0.9 * part,
    sign: 'around 1',
  });
  const moved = (name: OperationName, amount: (size: ImageSize) => number): RandomOperation => ({
    name,
    amount,
    sign: 'either',
  });
  return {
    operations: [
      plain('identity'),
      moved('shearX', () => 0.3 * part),
      moved('shearY', () => 0.3 * part),
      moved('translateX', ({ width }) => Math.trunc((150 / 331) * width * part)),
      moved('translateY', ({ height }) => Math.trunc((150 / 331) * height * part)),
      moved('rotate', () => 30 * part),
      enhanced('brightness'),
      enhanced('color'),
      enhanced('contrast'),
      enhanced('sharpness'),
      plain('posterize', 8 - Math.round(magnitude / 7.5)),
      plain('solarize', 255 - 255 * part),
      plain('autoContrast'),
      plain('equalize'),
    ],
    count: 2,
    probability: 1,
    filter: 'nearest',
    fill: 0,
  };
}

/** Draws the operations for one image of this size; those that are not done are left out. */
export function drawRandAugment(
  random: Random,
  size: ImageSize,
  { operations, count, probability }: RandAugmentPolicy,
): ImageOperation[] {
  const drawn: ImageOperation[] = [];
  // All that is drawn is drawn whether it is used or not: a stream's later draws do not hang on earlier ones.
  for (let i = 0; i < count; i++) {
    const { name, amount, sign } = operations[random.integer(operations.length)]!;
    const isDone = random.uniform() < probability;
    const opposite = random.uniform() < 0.5 ? -1 : 1;
    const value = amount(size);
    if (!isDone || name === 'identity') continue;
    if (sign === 'fixed') drawn.push({ name, amount: value });
    else drawn.push({ name, amount: sign === 'either' ? opposite * value : 1 + opposite * value });
  }
  return drawn;
}

function checkMagnitude(magnitude: number, most: number): void {
  if (magnitude >= 0 && magnitude <= most) return;
  throw new OcelliError('rand-augment', `magnitude must lie between 0 and ${most}, got ${magnitude}`);
}
