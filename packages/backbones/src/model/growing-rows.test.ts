import { device, type Tensor, tensor } from '@ocelli/ops';
import { expect, it } from 'vitest';
import { GrowingRows } from './growing-rows.js';

const width = 3;

function rowsOf(batch: number, from: number, tokens: number): Tensor {
  const values = Array.from({ length: batch * tokens * width }, (_, i) => {
    const [sequence, token] = [Math.floor(i / (tokens * width)), Math.floor(i / width) % tokens];
    return 100 * sequence + from + token + (i % width) / 10;
  });
  return tensor(values, [batch, tokens, width]);
}

it.each([1, 2])('holds what was added, in order, in a batch of %i', async (batch) => {
  const before = device.memory().allocated;
  using first = rowsOf(batch, 0, 2);
  const growing = new GrowingRows(first);
  let tokens = 2;
  for (const added of [1, 1, 3, 1, 9, 1]) {
    using rows = rowsOf(batch, tokens, added);
    growing.append(rows);
    tokens += added;
    using expected = rowsOf(batch, 0, tokens);
    expect(growing.tokens).toBe(tokens);
    expect(growing.rows.shape).toEqual([batch, tokens, width]);
    expect(await growing.rows.data()).toEqual(await expected.data());
  }
  growing.dispose();
  first.dispose();
  expect(device.memory().allocated).toBe(before);
});

it('copies a single sequence only when its memory is full', async () => {
  using first = rowsOf(1, 0, 4);
  const growing = new GrowingRows(first);
  using one = rowsOf(1, 4, 1);
  growing.append(one);
  await device.synchronize();
  await device.startProfile();
  for (let i = 0; i < 5; i++) growing.append(one);
  const calls = (await device.stopProfile()).reduce((sum, kernel) => sum + kernel.calls, 0);
  expect(calls).toBe(5);
  growing.dispose();
});

it('keeps, repeats and re-orders sequences, and goes on growing', async () => {
  using first = rowsOf(1, 0, 2);
  const growing = new GrowingRows(first);
  growing.select(tensor(Int32Array.of(0, 0)));
  using added = rowsOf(2, 2, 1);
  growing.append(added);
  growing.select(tensor(Int32Array.of(1)));
  using last = rowsOf(1, 3, 1);
  growing.append(last);
  growing.append(last);
  const values = await growing.rows.data();
  expect(values.filter((_, i) => i % width === 0)).toEqual(Float32Array.of(0, 1, 102, 3, 3));
  growing.dispose();
});
