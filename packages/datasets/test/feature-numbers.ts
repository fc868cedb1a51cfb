// Features that follow from a number, so that tests of several processes can tell right from wrong ones.

/** 6, 12 or 18 values. */
export const features = (number: number): Float32Array =>
  Float32Array.from({ length: 6 + (number % 3) * 6 }, (_, i) => number + i / 7);
export const shapeOf = (number: number): number[] => [1 + (number % 3), 2, 3];
/** Bytes of its record in float32: 80 of the header, and the values. */
export const recordBytes = (number: number): number => 80 + 24 * shapeOf(number)[0]!;
