import { expect, it } from 'vitest';
import { backward } from '../autograd/backward.js';
import { device } from '../core/device.js';
import { type Tensor, tensor, zeros } from '../core/tensor.js';
import { normal } from '../random/init.js';
import { Random } from '../random/random.js';
import { attention } from './attention.js';
import { concat } from './concat.js';

const heads = 2;

it('names what does not fit', () => {
  const q = zeros([2, 3, 8]);
  expect(() => attention(q, q, q, { heads: 3 })).toThrow(
    '[attention] 3 heads do not divide the width 8 of q',
  );
  expect(() => attention(q, q, q, { heads: 4, keyValueHeads: 3 })).toThrow(
    '[attention] keyValueHeads must divide the 4 heads, got 3',
  );
  expect(() => attention(q, zeros([2, 5, 4]), q, { heads })).toThrow(
    '[attention] k must be [2, 5, 8], got [2, 5, 4]',
  );
  expect(() => attention(q, zeros([2, 5, 8]), q, { heads })).toThrow(
    '[attention] v must be [2, 5, 8], got [2, 3, 8]',
  );
  expect(() => attention(q, q, q, { heads, keyMask: zeros([2, 3]) })).toThrow(
    'keyMask must be uint8, got float32',
  );
  expect(() => attention(q, q, q, { heads, keyMask: zeros([2, 4], 'uint8') })).toThrow(
    'keyMask must be [2, 3]',
  );
  expect(() => attention(q, q, q, { heads, fullRows: 0.5 })).toThrow('fullRows must be a whole number');
  expect(() => attention(q, q, q, { heads, sequences: [2, 4] })).toThrow(
    '[attention] sequences of 2, 4 tokens need q and k of [1, 6, width], got [2, 3, 8] and [2, 3, 8]',
  );
  const packed = zeros([1, 6, 8]);
  expect(() => attention(packed, packed, packed, { heads, sequences: [2, 3] })).toThrow('[1, 5, width]');
  expect(() => attention(packed, packed, packed, { heads, sequences: [7, -1] })).toThrow('lay the sequences');
  expect(() => attention(q, q, q, { heads, bias: zeros([2, 4, 4]) })).toThrow(
    'bias must be [2, 3, 3], got [2, 4, 4]',
  );
  expect(() =>
    attention(packed, packed, packed, { heads, sequences: [4, 2], bias: zeros([2, 3, 4]) }),
  ).toThrow('bias must be [2, 4, 4] or larger, got [2, 3, 4]');
  const trained = zeros([2, 3, 3]).asParameter();
  expect(() => attention(q, q, q, { heads, bias: trained })).toThrow('bias gets no gradient here');
  expect(() => attention(zeros([6, 8]), q, q, { heads })).toThrow('q must have 3 axes, got [6, 8]');
});

it('gives each item of a batch what it gives that item alone', async () => {
  const random = new Random(5);
  const items = Array.from({ length: 3 }, () => normal(random, [1, 70, 40]));
  const alone = await Promise.all(items.map((x) => attention(x, x, x, { heads, causal: true }).data()));
  const x = concat(items, 0);
  const together = await attention(x, x, x, { heads, causal: true }).data();
  expect(together).toEqual(Float32Array.from(alone.flatMap((item) => [...item])));
});

it('gives a packed sequence the bits that it gets alone, gradients too, on any number of threads', async () => {
  const lengths = [1, 300, 17, 65, 0, 40, 64];
  const random = new Random(8);
  const run = async (q: Tensor, k: Tensor, sequences: readonly number[] | null): Promise<Float32Array[]> => {
    const leaves = [q, k, k].map((x) => x.detach().asParameter());
    const [a, b, c] = leaves as [Tensor, Tensor, Tensor];
    const y = attention(a, b, c, { heads: 4, keyValueHeads: 2, causal: true, sequences });
    backward(y, q);
    const tensors = [y, ...leaves.map((leaf) => leaf.grad!)];
    return Promise.all(tensors.map((x) => x.data()));
  };
  const queries = lengths.map((tokens) => normal(random, [1, Math.max(1, tokens), 40]));
  const keys = lengths.map((tokens) => normal(random, [1, Math.max(1, tokens), 20]));
  const present = lengths.flatMap((tokens, i) => (tokens > 0 ? [i] : []));
  const alone = await Promise.all(present.map((i) => run(queries[i]!, keys[i]!, null)));
  const joined = [0, 1, 2, 3].map((part) =>
    Float32Array.from(alone.flatMap((results) => [...results[part]!])),
  );
  const [q, k] = [queries, keys].map((all) =>
    concat(
      present.map((i) => all[i]!),
      1,
    ),
  ) as [Tensor, Tensor];
  const threads = device.threads;
  for (const count of [1, 2, 5]) {
    device.threads = count;
    expect(await run(q, k, lengths)).toEqual(joined);
  }
  device.threads = threads;
});

it('computes only the gradients that are wanted, to the same bits', async () => {
  const random = new Random(6);
  const values = Array.from({ length: 3 }, () => normal(random, [2, 40, 24]));
  const gradients = async (wanted: readonly boolean[]): Promise<(Float32Array | null)[]> => {
    const leaves = values.map((value) => value.detach());
    for (const [i, leaf] of leaves.entries()) leaf.requiresGrad = wanted[i]!;
    const y = attention(leaves[0]!, leaves[1]!, leaves[2]!, { heads, causal: true });
    backward(y, values[0]!);
    return Promise.all(leaves.map((leaf) => leaf.grad?.data() ?? null));
  };
  const all = await gradients([true, true, true]);
  for (const i of [0, 1, 2]) {
    const only = await gradients([0, 1, 2].map((j) => j === i));
    expect(only.map((gradient) => gradient !== null)).toEqual([0, 1, 2].map((j) => j === i));
    expect(only[i]).toEqual(all[i]);
  }
});

it('lets a masked key have no influence, whatever it holds', async () => {
  const random = new Random(7);
  const q = normal(random, [1, 9, 16]);
  const k = normal(random, [1, 9, 16]);
  const other = await k.data();
  other.fill(1e9, 0, 3 * 16);
  const options = { heads, causal: true, keyMask: tensor([0, 0, 0, 1, 1, 1, 1, 1, 1], [1, 9], 'uint8') };
  const replaced = tensor(other, [1, 9, 16]);
  const expected = await attention(q, k, k, options).data();
  expect(expected.subarray(0, 3 * 16).every((value) => value === 0)).toBe(true);
  expect(await attention(q, replaced, replaced, options).data()).toEqual(expected);
});

it('does not hide what is not a number', async () => {
  for (const tokens of [1, 5]) {
    const q = zeros([1, tokens, 16]);
    q.write(new Float32Array(q.size).fill(Number.NaN));
    const k = zeros([1, 5, 16]);
    expect((await attention(q, k, k, { heads }).data()).every(Number.isNaN)).toBe(true);
  }
});
