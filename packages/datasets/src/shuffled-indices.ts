import { randomFrom } from './random.js';

/** 0 to `length - 1` in an order that follows from the seed and the epoch: Fisher-Yates over `randomFrom`. */
export function shuffledIndices(length: number, seed: number, epoch = 0): Uint32Array {
  const random = randomFrom(`shuffle/${seed}/${epoch}`);
  const indices = Uint32Array.from({ length }, (_, index) => index);
  for (let last = length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const kept = indices[last]!;
    indices[last] = indices[other]!;
    indices[other] = kept;
  }
  return indices;
}
