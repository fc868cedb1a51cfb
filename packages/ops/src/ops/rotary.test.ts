import { expect, it } from 'vitest';
import { type Tensor, tensor } from '../core/tensor.js';
import { Random } from '../random/random.js';
import { rotary, rotaryFrequencies } from './rotary.js';

const headSize = 8;
const frequencies = tensor(rotaryFrequencies(headSize / 2));

function vectors(seed: number, rows: number): Tensor {
  const random = new Random(seed);
  return tensor(
    Float32Array.from({ length: rows * headSize }, () => random.normal()),
    [rows, headSize],
  );
}

/** Scores of each query with the key of the same row. */
async function scores(query: Tensor, key: Tensor, positions: readonly [number, number][]): Promise<number[]> {
  const at = (which: 0 | 1): Tensor => tensor(Int32Array.from(positions, (pair) => pair[which]));
  const [q, k] = [
    await rotary(query, at(0), frequencies, { heads: 1 }).data(),
    await rotary(key, at(1), frequencies, { heads: 1 }).data(),
  ];
  return positions.map((_, row) => {
    let sum = 0;
    for (let i = row * headSize; i < (row + 1) * headSize; i++) sum += q[i]! * k[i]!;
    return sum;
  });
}

it('makes scores depend on the distance of positions alone', async () => {
  const [query, key] = [vectors(1, 3), vectors(2, 3)];
  const near = await scores(query, key, [
    [5, 2],
    [7, 7],
    [9, 30],
  ]);
  const far = await scores(query, key, [
    [1005, 1002],
    [7, 7],
    [109, 130],
  ]);
  // Angles of a thousand radians are float32 products, right to 6e-5.
  for (const [i, score] of near.entries()) expect(far[i]).toBeCloseTo(score, 3);
});

it('turns by nothing at position 0', async () => {
  const x = vectors(3, 2);
  const y = rotary(x, tensor(new Int32Array(2)), frequencies, { heads: 1 });
  expect(await y.data()).toEqual(await x.data());
});

it('has the frequencies of the paper', () => {
  const expected = [1, 0.1, 0.01, 0.001].map(Math.fround);
  for (const [i, frequency] of rotaryFrequencies(4).entries()) expect(frequency).toBeCloseTo(expected[i]!, 8);
  expect(rotaryFrequencies(2, 500_000)[1]).toBeCloseTo(500_000 ** -0.5, 8);
});

it('says what does not fit', () => {
  const x = vectors(4, 2);
  const positions = tensor(new Int32Array(2));
  expect(() => rotary(x, positions, frequencies, { heads: 2 })).toThrow(
    '[rotary] x is [2, 8]: 2 heads must divide its width and hold 4 pairs each',
  );
  expect(() => rotary(x, tensor(new Int32Array(3)), frequencies, { heads: 1 })).toThrow(/positions must be/);
});
