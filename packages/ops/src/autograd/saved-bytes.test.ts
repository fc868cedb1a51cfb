// What each op keeps for backward, against what its formula needs.
import { expect, it } from 'vitest';
import {
  add,
  attention,
  cast,
  concat,
  crossEntropy,
  device,
  dropout,
  gelu,
  layerNorm,
  linear,
  matmul,
  mean,
  multiply,
  noGrad,
  normal,
  PackedWeight,
  patchify,
  Random,
  relu,
  reshape,
  rmsNorm,
  savedBytes,
  scale,
  scope,
  slice,
  softmax,
  sum,
  type Tensor,
  tensor,
  transpose,
} from '../index.js';
import { backward } from './backward.js';

const random = new Random(1);
const [batch, tokens, width, wide] = [2, 8, 16, 48];
const float = 4;
const leaf = normal(random, [batch, tokens, width]).asParameter();
const pack = (outputs: number, inputs: number): PackedWeight =>
  scope(() => new PackedWeight(normal(random, [outputs, inputs])));
const packed = pack(width, width);
const weight = normal(random, [width, width]).asParameter();
const vector = normal(random, [width]);
const ids = tensor(new Int32Array(batch * tokens).fill(3));
const size = batch * tokens * width;
const statistics = batch * tokens * 2 * float;

const cases: [string, string, (x: Tensor) => Tensor, number][] = [
  ['add', 'add', (x) => add(x, x), 0],
  ['scale', 'scale', (x) => scale(x, 2), 0],
  ['frozen linear', 'linear', (x) => linear(x, packed, vector), 0],
  ['trained linear', 'linear', (x) => linear(x, weight), size * float],
  ['norm', 'layerNorm', (x) => layerNorm(x, { weight: vector, epsilon: 1e-5 }), size * float + statistics],
  ['root mean square norm', 'rmsNorm', (x) => rmsNorm(x, { epsilon: 1e-5 }), size * float + statistics / 2],
  ['relu', 'relu', (x) => relu(x), size / 8],
  ['gelu', 'gelu', (x) => gelu(x), size * float],
  ['softmax', 'softmax', (x) => softmax(x), size * float],
  ['dropout', 'dropout', (x) => dropout(x, { probability: 0.5, seed: 1, offset: 2 }), 0],
  ['multiply by a constant', 'multiply', (x) => multiply(x, vector), 0],
  ['multiply by itself', 'multiply', (x) => multiply(x, x), size * float],
  ['reshape', 'reshape', (x) => reshape(x, [batch * tokens, width]), 0],
  ['transpose', 'transpose', (x) => transpose(x), 0],
  ['slice', 'slice', (x) => slice(x, 1, 1, 3), 0],
  ['concat', 'concat', (x) => concat([x, x], 1), 0],
  ['sum', 'sum', (x) => sum(x), 0],
  ['mean', 'mean', (x) => mean(x, { axis: 1 }), 0],
  ['cast', 'cast', (x) => cast(x, 'bfloat16'), 0],
  ['patchify', 'patchify', (x) => patchify(reshape(x, [1, batch, tokens, width]), 4), 0],
  ['matmul', 'matmul', (x) => matmul(reshape(x, [batch * tokens, width]), weight), size * float],
  [
    'cross-entropy',
    'crossEntropy',
    (x) => crossEntropy(reshape(x, [batch * tokens, width]), ids, { reduction: 'none' }),
    size * float + batch * tokens * 2 * float, // logits, log-sum-exp and targets
  ],
  [
    'attention',
    'attention',
    (x) => attention(scale(x, 1), scale(x, 2), scale(x, 3), { heads: 2 }),
    4 * size * float + batch * 2 * tokens * float, // q, k, v, output, log-sum-exp
  ],
];

it.each(cases)('%s', (_, name, run, expected) => {
  scope(() => {
    const x = scale(leaf, 1); // with a history, as inside a model
    expect(savedBytes(run(x)).get(name)).toBe(expected);
  });
});

it('frees everything but what is saved when a scope ends, and that as backward goes', async () => {
  await device.emptyCache();
  const weights = [pack(wide, width), pack(width, wide)];
  const before = device.memory().allocated;
  const rows = 512; // all sizes below are whole size classes of the allocator
  const x = normal(random, [rows, width]).asParameter();
  const given = device.memory().allocated;
  const y = scope(() => {
    const hidden = relu(linear(scale(x, 2), weights[0]!));
    return sum(linear(hidden, weights[1]!));
  });
  const block = 512; // the smallest
  expect(device.memory().allocated - given).toBe((rows * wide) / 8 + block);
  backward(y);
  expect(device.memory().allocated - given).toBe(rows * width * float + block);
  expect(await x.grad!.data()).toHaveLength(rows * width);
  y.dispose();
  x.dispose();
  expect(device.memory().allocated).toBe(before);
});

it('frees what was saved when the result is not returned, and saves nothing without recording', () => {
  const before = device.memory().allocated;
  scope(() => {
    const y = scope(() => gelu(scale(leaf, 2)));
    expect(device.memory().allocated).toBeGreaterThan(before + size * float);
    expect(savedBytes(y).get('gelu')).toBe(size * float);
  });
  expect(device.memory().allocated).toBe(before);
  scope(() => expect([...savedBytes(noGrad(() => gelu(leaf)))]).toEqual([]));
});

it('reads in backward what was disposed, and no op reads it afterwards', async () => {
  const x = scale(leaf, 2);
  const y = sum(multiply(x, x));
  x.dispose();
  backward(y);
  const [values, gradient] = await Promise.all([leaf.data(), leaf.grad!.data()]);
  expect(Array.from(gradient)).toEqual(Array.from(values, (value) => Math.fround(8 * value)));
  expect(() => scale(x, 1)).toThrow('has been freed');
  leaf.grad?.dispose();
  leaf.grad = null;
});
