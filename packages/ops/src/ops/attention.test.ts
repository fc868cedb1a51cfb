import { describe, expect, it } from 'vitest';
import { backward } from '../autograd/backward.js';
import { device } from '../core/device.js';
import { run } from '../core/run.js';
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

it.each([70, 1])('gives each item of a batch of %i queries what it gives that item alone', async (tokens) => {
  const random = new Random(5);
  const queries = Array.from({ length: 3 }, () => normal(random, [1, tokens, 40]));
  const keys = Array.from({ length: 3 }, () => normal(random, [1, 70, 40]));
  const options = { heads, causal: true };
  const alone = await Promise.all(queries.map((q, i) => attention(q, keys[i]!, keys[i]!, options).data()));
  const [q, k] = [concat(queries, 0), concat(keys, 0)];
  const together = await attention(q, k, k, options).data();
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

it('takes q, k and v as slices of one buffer, and writes their gradients into slices of one', async () => {
  const [batch, tokens, size, width] = [2, 70, 12, 24] as const;
  const random = new Random(9);
  const parts = Array.from({ length: 3 }, () => normal(random, [batch, tokens, width]));
  const dy = normal(random, [batch, tokens, width]);
  const call = async (inputs: readonly Tensor[], gradients: readonly Tensor[], stride: number) => {
    const y = zeros([batch, tokens, width]);
    const logSumExp = zeros([batch, heads, tokens]);
    const counts = [batch, tokens, tokens, heads, heads, size];
    const scalars = [...counts, stride, stride, stride, 0.3, 1, 1, 0, 0];
    const fixed = [...inputs, null, null, null, y, logSumExp];
    run('attention', fixed, scalars);
    run('attention_backward', [...fixed, dy, ...gradients], scalars);
    return [await y.data(), await logSumExp.data()];
  };
  const apart = parts.map((part) => zeros(part.shape));
  const expected = await call(parts, apart, width);

  // Rows of q, k, v and, at the end, of nothing, which stay as they are.
  const stride = 3 * width + 1;
  const rows = new Float32Array(batch * tokens * stride).fill(7);
  const values = await Promise.all(parts.map((part) => part.data()));
  for (let row = 0; row < batch * tokens; row++) {
    for (const [i, part] of values.entries())
      rows.set(part.subarray(row * width, (row + 1) * width), row * stride + i * width);
  }
  const buffer = tensor(rows, [batch * tokens * stride]);
  const gradients = tensor(new Float32Array(rows.length).fill(7), [rows.length]);
  const slices = (whole: Tensor) => [0, 1, 2].map((i) => whole.view([batch, tokens, width], 4 * i * width));
  expect(await call(slices(buffer), slices(gradients), stride)).toEqual(expected);
  const together = await gradients.data();
  const separate = await Promise.all(apart.map((gradient) => gradient.data()));
  for (let row = 0; row < batch * tokens; row++) {
    const begin = row * stride;
    for (const [i, part] of separate.entries()) {
      const slice = together.subarray(begin + i * width, begin + (i + 1) * width);
      expect(slice).toEqual(part.subarray(row * width, (row + 1) * width));
    }
    expect(together[begin + 3 * width]).toBe(7);
  }
});

describe.skipIf(device.name === 'cpu').each([
  ['tf32', 2 ** -11],
  ['bfloat16', 2 ** -8],
] as const)('in %s', (precision, rounding) => {
  it.each([40, 3])('loses what rounding operands does, %i queries of 70 keys', async (tokens) => {
    const random = new Random(10);
    const values = [tokens, 70, 70].map((rows) => normal(random, [1, rows, 48]));
    const dy = normal(random, [1, tokens, 48]);
    const results = async (): Promise<Float32Array[]> => {
      const leaves = values.map((value) => value.detach().asParameter());
      const y = attention(leaves[0]!, leaves[1]!, leaves[2]!, { heads, causal: true });
      backward(y, dy);
      return Promise.all([y, ...leaves.map((leaf) => leaf.grad!)].map((x) => x.data()));
    };
    const exact = await results();
    device.precision = precision;
    const rounded = await results().finally(() => {
      device.precision = 'float32';
    });
    for (const [i, actual] of rounded.entries()) {
      const size = Math.sqrt(actual.reduce((sum, x) => sum + x * x, 0));
      const error = Math.sqrt(actual.reduce((sum, x, at) => sum + (x - exact[i]![at]!) ** 2, 0));
      // Each product rounds two operands, and a gradient is made by three products, one after another.
      expect(error / size).toBeLessThan(6 * rounding);
      expect(error / size).toBeGreaterThan(0.05 * rounding);
    }
  });
});
