import { backward, linearCrossEntropy, PackedWeight } from '@ocelli/ops';
import { type BarMeasurer, lowest, timesFaster } from '../harness/bars.js';
import { ours } from '../harness/ours.js';
import type { Bench } from '../harness/suite.js';
import { integers, normal } from './inputs.js';

const width = 768;
const words = 50_272;

/** LM head and cross-entropy of OPT, forward and d(hidden states); the head is frozen. Rows: targets of 16 captions or answers. */
export async function measureHead(bench: Bench): Promise<void> {
  for (const threads of bench.threads)
    for (const rows of [64, 256])
      await bench.measure({
        family: 'LM head and cross-entropy',
        label: `${rows} x ${width} -> ${words}, forward and backward`,
        threads,
        // Logits once, and their gradient times the weight.
        operations: 4 * rows * width * words,
        seconds: 4,
        contenders: async () => {
          const hidden = normal([rows, width]);
          hidden.requiresGrad = true;
          const full = normal([words, width], width ** -0.5);
          const weight = new PackedWeight(full);
          full.dispose();
          const targets = integers(rows, words);
          const work = (): void => {
            backward(linearCrossEntropy(hidden, weight, targets));
            hidden.grad?.dispose();
            hidden.grad = null;
          };
          return [
            ours('ocelli', work, [hidden, weight, targets]),
            ...(await bench.peers({ case: 'head_loss', threads, rows, width, words })),
          ];
        },
      });
}

export const headBars: Readonly<Record<string, BarMeasurer>> = {
  'head-torch': (rows) =>
    lowest(
      rows.filter(({ family }) => family === 'LM head and cross-entropy'),
      timesFaster('torch'),
      'PyTorch was not there (--python)',
    ),
};
