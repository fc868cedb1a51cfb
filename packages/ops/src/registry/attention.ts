import { type AttentionOptions, attention } from '../ops/attention.js';
import { defineOp, type InputSpec, type OpCase, type Reference, type TimedCase } from './types.js';

/** `keyMask` and `bias` are the inputs after v, in this order; here is only how the mask is filled and the bias' shape. */
interface AttentionCaseOptions extends Omit<AttentionOptions, 'keyMask' | 'bias'> {
  readonly mask?: readonly number[];
  readonly bias?: readonly [heads: number, queries: number, keys: number];
}

/** Where a sequence's queries and keys lie among the rows of the batch. */
interface Span {
  readonly queryRow: number;
  readonly queries: number;
  readonly keyRow: number;
  readonly keys: number;
}

function spansOf(
  [batch, queryTokens, keyTokens]: readonly [number, number, number],
  sequences: readonly number[] | null = null,
): Span[] {
  if (!sequences) {
    return Array.from({ length: batch }, (_, b) => ({
      queryRow: b * queryTokens,
      queries: queryTokens,
      keyRow: b * keyTokens,
      keys: keyTokens,
    }));
  }
  let row = 0;
  return sequences.map((tokens) => {
    const span = { queryRow: row, queries: tokens, keyRow: row, keys: tokens };
    row += tokens;
    return span;
  });
}

/** Row by row, with the scores written out. */
function attentionReference(inputs: readonly Reference[], options: AttentionCaseOptions): Reference {
  const [q, k, v, ...others] = inputs as [Reference, Reference, Reference, ...Reference[]];
  const mask = options.mask ? others[0]! : null;
  const bias = options.bias ? others.at(-1)! : null;
  const { heads, keyValueHeads = heads, causal = false, fullRows = 0 } = options;
  const [batch, queryTokens, width] = q.shape as [number, number, number];
  const keyTokens = k.shape[1] as number;
  const size = width / heads;
  const keyWidth = keyValueHeads * size;
  const scale = options.scale ?? 1 / Math.sqrt(size);
  const data = new Float64Array(q.data.length);
  for (const { queryRow, queries, keyRow, keys } of spansOf(
    [batch, queryTokens, keyTokens],
    options.sequences,
  )) {
    for (let head = 0; head < heads; head++) {
      const column = Math.floor(head / (heads / keyValueHeads)) * size;
      for (let i = 0; i < queries; i++) {
        const row = (queryRow + i) * width + head * size;
        const seen: { key: number; score: number }[] = [];
        for (let j = 0; j < keys; j++) {
          const hidden = (causal && j > i + keys - queries) || mask?.data[keyRow + j] === 0;
          if (hidden && i >= fullRows) continue;
          const key = (keyRow + j) * keyWidth + column;
          let score = 0;
          for (let d = 0; d < size; d++) score += q.data[row + d]! * k.data[key + d]!;
          const [, biasQueries, biasKeys] = bias?.shape ?? [];
          seen.push({
            key,
            score: score * scale + (bias?.data[(head * biasQueries! + i) * biasKeys! + j] ?? 0),
          });
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
  const bias: InputSpec[] = options.bias ? [{ shape: options.bias, differentiable: false }] : [];
  return {
    inputs: [{ shape: [batch, queryTokens, options.heads * headSize] }, keys, keys, ...mask, ...bias],
    options,
  };
}

/** Sequences of these lengths, end to end. */
function packedCase(
  sequences: readonly number[],
  headSize: number,
  options: AttentionCaseOptions,
): OpCase<AttentionCaseOptions> {
  const tokens = sequences.reduce((sum, length) => sum + length, 0);
  return attentionCase([1, tokens, tokens, headSize], { ...options, sequences });
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

// 64 texts of 4 to 34 tokens, packed.
const lengths = Array.from({ length: 64 }, (_, i) => 4 + ((i * 37) % 31));
timed.push({
  label: '64 packed of 4 to 34, 4 heads of 48, causal',
  ...packedCase(lengths, 48, { heads: 4, causal: true }),
  operations: 4 * 4 * 48 * lengths.reduce((sum, tokens) => sum + (tokens * (tokens + 1)) / 2, 0),
});

export const attentionOp = defineOp<AttentionCaseOptions>({
  name: 'attention',
  contract:
    'q [batch, queryTokens, heads * headSize], k and v [batch, keyTokens, keyValueHeads * headSize], ' +
    'keyMask [batch, keyTokens], bias [heads, queryTokens, keyTokens]; packed [1, tokens, ...] with `sequences` → as q',
  run: ([q, k, v, ...others], { mask, bias, ...options }) =>
    attention(q!, k!, v!, {
      ...options,
      keyMask: mask ? others[0]! : null,
      bias: bias ? others.at(-1)! : null,
    }),
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
    attentionCase([1, 34, 50, 200], { heads: 1, causal: true }),
    // Cached keys: the last queries of a longer text, and a single one.
    attentionCase([2, 3, 21, 24], {
      heads: 2,
      causal: true,
      mask: [...zeros(4), ...ones(17), ...ones(20), 0],
    }),
    attentionCase([2, 1, 70, 20], { heads: 2, causal: true, mask: [...zeros(69), 1, ...ones(70)] }),
    // A few queries and many keys, which a GPU cuts by keys, in more than one part of the rows.
    attentionCase([1, 5, 140, 21], { heads: 8, keyValueHeads: 2, causal: true, mask: [...zeros(66), 1] }),
    attentionCase([1, 1, 2060, 4], { heads: 1 }),
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
    attentionCase([1, 100, 100, 4], { heads: 1, causal: true, fullRows: 1 }),
    attentionCase([1, 1, 9, 8], { heads: 1, fullRows: 2, mask: zeros(9) }),
    // Packed: sequences of one token, of none, and around a register and a tile.
    packedCase([1, 17, 65, 0, 2], 20, { heads: 2, causal: true }),
    packedCase([0, 3, 1], 8, { heads: 3 }),
    packedCase([66, 1, 7], 16, { heads: 4, keyValueHeads: 2, causal: true }),
    packedCase([9, 5, 70], 8, { heads: 1, causal: true, fullRows: 2, mask: [1, 1, 1, 0, 1, 1, 1] }),
    packedCase([270, 20], 4, { heads: 1, causal: true }),
    // With a bias: tiles, a single query, with a mask, packed in a larger one.
    attentionCase([2, 67, 70, 8], { heads: 2, causal: true, bias: [2, 67, 70] }),
    attentionCase([2, 1, 19, 20], { heads: 2, bias: [2, 1, 19], mask: [...zeros(4), ...ones(34)] }),
    attentionCase([1, 18, 18, 16], {
      heads: 4,
      keyValueHeads: 2,
      bias: [4, 18, 18],
      mask: [...ones(16), 0, 0],
    }),
    packedCase([17, 1, 65], 8, { heads: 2, causal: true, bias: [2, 80, 66] }),
  ],
  // A score of 256 products near 1 is off by 1e-6 of its magnitude, and exp makes that a relative error of each
  // probability; values up to 4 are then averaged.
  tolerance: { absolute: 5e-6, relative: 5e-6 },
  // Differences dP - delta of sums over 256 products up to 10, times queries or keys up to 4, summed over 130 rows.
  gradientTolerance: { absolute: 3e-5, relative: 2e-5 },
  timed,
});
