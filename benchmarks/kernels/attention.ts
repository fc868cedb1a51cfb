import { attention, backward } from '@ocelli/ops';
import { type BarMeasurer, lowest, shareOfPeak, timesFaster } from '../harness/bars.js';
import { ours } from '../harness/ours.js';
import type { Bench } from '../harness/suite.js';
import { normal } from './inputs.js';

const heads = 12;
const size = 64;
/** Tokens of a sequence; there are as many sequences as make 1,024 tokens. */
const lengths = [64, 128, 256, 512, 1024];

/** Operations of the forward pass: two products; of a causal mask only the seen half counts. */
function operationsOf(batch: number, tokens: number, causal: boolean): number {
  const scores = causal ? (tokens * (tokens + 1)) / 2 : tokens * tokens;
  return 4 * batch * heads * size * scores;
}

export async function measureAttention(bench: Bench): Promise<void> {
  for (const both of [false, true])
    for (const threads of bench.threads)
      for (const tokens of lengths)
        for (const causal of [false, true]) {
          const batch = 1024 / tokens;
          const shape = [batch, tokens, heads * size];
          await bench.measure({
            family: both ? 'attention forward and backward' : 'attention forward',
            label: `${batch} x ${tokens}${causal ? ', causal' : ''}`,
            threads,
            // Backward has five products to forward's two: it computes the scores again.
            operations: operationsOf(batch, tokens, causal) * (both ? 3.5 : 1),
            contenders: async () => {
              const inputs = [normal(shape), normal(shape), normal(shape)] as const;
              const gradient = normal(shape);
              for (const input of inputs) input.requiresGrad = both;
              const [q, k, v] = inputs;
              const work = (): void => {
                const y = attention(q, k, v, { heads, causal });
                if (both) backward(y, gradient);
                for (const input of inputs) {
                  input.grad?.dispose();
                  input.grad = null;
                }
              };
              const peer = { case: 'attention', threads, batch, tokens, heads, size, causal, backward: both };
              return [ours('ocelli', work, [...inputs, gradient]), ...(await bench.peers(peer))];
            },
          });
        }
}

const measure =
  (family: string, number: Parameters<typeof lowest>[1], lacking = 'no peak was measured'): BarMeasurer =>
  (rows) =>
    lowest(
      rows.filter((row) => row.family === family),
      number,
      lacking,
    );
const withoutTorch = 'PyTorch was not there (--python)';

export const attentionBars: Readonly<Record<string, BarMeasurer>> = {
  'attention-forward': measure('attention forward', shareOfPeak),
  'attention-both': measure('attention forward and backward', shareOfPeak),
  'attention-forward-torch': measure('attention forward', timesFaster('torch'), withoutTorch),
  'attention-both-torch': measure('attention forward and backward', timesFaster('torch'), withoutTorch),
};
