import { dropout } from '../ops/dropout.js';
import { dropoutWords } from './philox.js';
import { referenceOf } from './reference.js';
import { defineOp } from './types.js';

interface DropoutCaseOptions {
  probability: number;
  seed: number;
  offset: number;
}

export const dropoutOp = defineOp<DropoutCaseOptions>({
  name: 'dropout',
  contract: 'x [...], probability, seed, offset → [...]',
  run: ([x], options) => dropout(x!, options),
  reference: ([x], { probability, seed, offset }) => {
    const words = dropoutWords(x!.data.length, seed, offset);
    const threshold = Math.floor(probability * 2 ** 32);
    return referenceOf(x!.shape, (i) => (words[i]! < threshold ? 0 : x!.data[i]! / (1 - probability)));
  },
  cases: [
    { inputs: [{ shape: [1] }], options: { probability: 0.5, seed: 0, offset: 0 } },
    { inputs: [{ shape: [3, 5] }], options: { probability: 0.5, seed: 1, offset: 2 } },
    { inputs: [{ shape: [64] }], options: { probability: 0.1, seed: 2 ** 40 + 5, offset: 2 ** 33 + 7 } },
    { inputs: [{ shape: [2, 50] }], options: { probability: 0, seed: 3, offset: 0 } },
  ],
  tolerance: { absolute: 0, relative: 2e-7 },
  timed: [
    {
      label: '1024 x 768',
      inputs: [{ shape: [1024, 768] }],
      options: { probability: 0.1, seed: 1, offset: 1 },
      bytes: 8 * 1024 * 768,
    },
  ],
});
