import { Random } from '@ocelli/ops';

/**
 * A stream of random numbers of its own for each path of whole numbers: `deriveRandom(seed, purpose, step)` gives the
 * same stream whenever it is asked for, so that nothing has to be remembered between steps.
 */
export function deriveRandom(seed: number, ...path: readonly number[]): Random {
  let random = new Random(seed);
  for (const index of path) {
    const low = (random.bits() ^ (index % 2 ** 32)) >>> 0;
    const high = (random.bits() ^ Math.floor(index / 2 ** 32)) & 0xfffff;
    random = new Random(high * 2 ** 32 + low);
  }
  return random;
}
