import { type AttentionOptions, attention } from '../ops/attention.js';
import { defineOp, type InputSpec, type OpCase, type Reference, type TimedCase } from './types.js';

/** `keyMask` is the fourth input; here is only how it is filled. */
interface AttentionCaseOptions extends Omit<AttentionOptions, 'keyMask'> {
  readonly mask?: readonly number[];
}

/** Row by row, with the scores written out. */
function attentionReference(inputs: readonly Reference[], options: AttentionCaseOptions): Reference {
  const [q, k, v, mask] = inputs as [Reference, Reference, Reference, Reference | undefined];
  const { heads, keyValueHeads = heads, causal = false, fullRows = 0 } = options;
  const [batch, queryTokens, width] = q.shape as [number, number, number];
  const keyTokens = k.shape[1] as number;
  const size = width / heads;
  const keyWidth = keyValueHeads * size;
  const scale = options.scale ?? 1 / Math.sqrt(size);
  const data = new Float64Array(q.data.length);
  for (let b = 0; b < batch; b++) {
    for (let head = 0; head < heads; head++) {
      const column = Math.floor(head / (heads / keyValueHeads)) * size;
      for (let i = 0; i < queryTokens; i++) {
        const row = (b * queryTokens + i) * width + head * size;
        const seen: { key: number; score: number }[] = [];
        for (let j = 0; j < keyTokens; j++) {
          const hidden = (causal && j > i + keyTokens - queryTokens) || mask?.data[b * keyTokens + j] === 0;
          if (hidden && i >= fullRows) continue;
          const key = (b * keyTokens + j) * keyWidth + column;
          let score = 0;
          for (let d = 0; d < size; d++) score += q.data[row + d]! * k.data[key + d]!;
          seen.push({ key, score: score * scale });
        }
        const top = seen.reduce((best, { score }) => Math.max(best, score), Number.NEGATIVE_INFINITY);
        const total = seen.reduce((sum, { score }) => sum + Math.exp(score - top), 0);
        for (const { key, score } of seen) {
          const probability = Math.exp(score - top) / total;
          for (let d = 0; d < size; d++) data[row + d]! += probability * v.data[key + d]!;
        }
      }
    }
  }
  return { shape: q.shape, data };
}

function attentionCase(
  [batch, queryTokens, keyTokens, headSize]: readonly [number, number, number, number],
  options: AttentionCaseOptions,
): OpCase<AttentionCaseOptions> {
  const keyWidth = (options.keyValueHeads ?? options.heads) * headSize;
  const mask: InputSpec[] = options.mask
    ? [{ shape: [batch, keyTokens], dtype: 'uint8', fill: { kind: 'values', values: options.mask } }]
    : [];
  const keys: InputSpec = { shape: [batch, keyTokens, keyWidth] };
  return {
    inputs: [{ shape: [batch, queryTokens, options.heads * headSize] }, keys, keys, ...mask],
    options,
  };
}

const ones = (count: number): number[] => new Array<number>(count).fill(1);
const zeros = (count: number): number[] => new Array<number>(count).fill(0);

// batch, tokens, heads, head size of: the tiny model, OPT-125m on captions, ViT-B/16, and two long ones.
const timed = (
  [
    [64, 20, 8, 16, true],
    [64, 33, 4, 48, true],
    [16, 64, 12, 64, true],
    [16, 197, 12, 64, false],
    [1, 1024, 12, 64, true],
    [1, 1024, 8, 128, true],
  ] as const
).map(
  ([batch, tokens, heads, headSize, causal]): TimedCase<AttentionCaseOptions> => ({
    label: `${batch} x ${tokens}, ${heads} heads of ${headSize}${causal ? ', causal' : ''}`,
    ...attentionCase([batch, tokens, tokens, headSize], { heads, causal }),
    operations: 4 * batch * heads * headSize * (causal ? (tokens * (tokens + 1)) / 2 : tokens * tokens),
  }),
);

export const attentionOp = defineOp<AttentionCaseOptions>({
  name: 'attention',
  contract:
    'q [batch, queryTokens, heads * headSize], k and v [batch, keyTokens, keyValueHeads * headSize], ' +
    'keyMask [batch, keyTokens] → as q',
  run: ([q, k, v, keyMask], { mask, ...options }) =>
    attention(q!, k!, v!, { ...options, keyMask: keyMask ?? null }),
  reference: attentionReference,
  cases: [
    // One token; odd sizes around a register and around the tiles of 64.
    attentionCase([2, 1, 1, 5], { heads: 2 }),
    attentionCase([2, 3, 3, 20], { heads: 3, causal: true }),
    attentionCase([1, 17, 17, 8], { heads: 2 }),
    attentionCase([1, 33, 33, 32], { heads: 1, causal: true }),
    attentionCase([1, 65, 65, 16], { heads: 1, causal: true, scale: 0.5 }),
    attentionCase([1, 130, 130, 4], { heads: 1, causal: true }),
    attentionCase([1, 66, 129, 80], { heads: 1 }),
    attentionCase([1, 2, 9, 256], { heads: 1 }),
    // Cached keys: the last queries of a longer text, and a single one.
    attentionCase([2, 3, 21, 24], {
      heads: 2,
      causal: true,
      mask: [...zeros(4), ...ones(17), ...ones(20), 0],
    }),
    attentionCase([2, 1, 70, 20], { heads: 2, causal: true, mask: [...zeros(69), 1, ...ones(70)] }),
    // Grouped queries.
    attentionCase([2, 12, 19, 16], { heads: 6, keyValueHeads: 2, causal: true }),
    attentionCase([1, 1, 35, 64], { heads: 4, keyValueHeads: 1 }),
    // Padding on the left and on the right, holes, and rows that see nothing at all: zeros without gradient.
    attentionCase([2, 18, 18, 8], { heads: 1, causal: true, mask: [...zeros(7), ...ones(11), ...ones(18)] }),
    attentionCase([2, 18, 18, 8], { heads: 1, mask: [...ones(11), ...zeros(7), ...zeros(18)] }),
    attentionCase([1, 70, 70, 8], { heads: 1, causal: true, mask: [0, 1, 1] }),
    attentionCase([2, 1, 6, 16], { heads: 1, mask: [...zeros(6), ...ones(6)] }),
    // First rows that see everything.
    attentionCase([2, 18, 18, 8], { heads: 1, causal: true, fullRows: 1, mask: [...ones(16), 0, 0] }),
    attentionCase([1, 67, 70, 8], { heads: 2, causal: true, fullRows: 66, mask: [...ones(30), 0] }),
    attentionCase([1, 1, 9, 8], { heads: 1, fullRows: 2, mask: zeros(9) }),
  ],
  // A score of 256 products near 1 is off by 1e-6 of its magnitude, and exp makes that a relative error of each
  // probability; values up to 4 are then averaged.
  tolerance: { absolute: 5e-6, relative: 5e-6 },
  // Differences dP - delta of sums over 256 products up to 10, times queries or keys up to 4, summed over 130 rows.
  gradientTolerance: { absolute: 3e-5, relative: 2e-5 },
  timed,
});
