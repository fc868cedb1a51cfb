import { tensor } from '../core/tensor.js';
import { rotary, rotaryFrequencies } from '../ops/rotary.js';
import { referenceOf } from './reference.js';
import { defineOp, type OpCase } from './types.js';

interface RotaryCase {
  readonly heads: number;
  readonly pairs: number;
  readonly interleaved: boolean;
}

function rotaryCase(rows: readonly number[], headSize: number, options: RotaryCase): OpCase<RotaryCase> {
  return {
    inputs: [
      { shape: [...rows, options.heads * headSize] },
      { shape: rows, dtype: 'int32', fill: { kind: 'integers', below: 3000 } },
    ],
    options,
  };
}

export const rotaryOp = defineOp<RotaryCase>({
  name: 'rotary',
  contract: 'x [..., heads * headSize], positions int32 [...], frequencies [pairs] → the shape of x',
  run: ([x, positions], { heads, pairs, interleaved }) =>
    rotary(x!, positions!, tensor(rotaryFrequencies(pairs)), { heads, interleaved }),
  reference: ([x, positions], { heads, pairs, interleaved }) => {
    const width = x!.shape.at(-1)!;
    const headSize = width / heads;
    const frequencies = rotaryFrequencies(pairs);
    return referenceOf(x!.shape, (index) => {
      const at = (index % width) % headSize;
      if (at >= 2 * pairs) return x!.data[index]!;
      const pair = interleaved ? at >> 1 : at % pairs;
      const isSecond = interleaved ? at % 2 === 1 : at >= pairs;
      const distance = interleaved ? 1 : pairs;
      // A product of float32, as models are trained with it.
      const angle = Math.fround(positions!.data[Math.floor(index / width)]! * frequencies[pair]!);
      const [own, other] = [x!.data[index]!, x!.data[isSecond ? index - distance : index + distance]!];
      return own * Math.cos(angle) + (isSecond ? other : -other) * Math.sin(angle);
    });
  },
  cases: [
    rotaryCase([1], 2, { heads: 1, pairs: 1, interleaved: false }),
    rotaryCase([3, 5], 16, { heads: 3, pairs: 8, interleaved: false }),
    rotaryCase([2, 7], 10, { heads: 2, pairs: 5, interleaved: true }),
    rotaryCase([33], 80, { heads: 2, pairs: 16, interleaved: false }),
    rotaryCase([4], 9, { heads: 5, pairs: 3, interleaved: true }),
  ],
  // Two products of numbers up to 5, and cosines rounded once.
  tolerance: { absolute: 1e-6, relative: 1e-6 },
  timed: [
    {
      label: '16 x 64, 12 heads of 64',
      ...rotaryCase([16, 64], 64, { heads: 12, pairs: 32, interleaved: false }),
      bytes: 8 * 16 * 64 * 768,
    },
  ],
});
