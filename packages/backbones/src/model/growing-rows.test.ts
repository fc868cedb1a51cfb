import { capture, concat, device, hostTensor, scope, type Tensor, tensor, zeros } from '@ocelli/ops';
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

const here = (growing: GrowingRows): Tensor => tensor(Int32Array.of(growing.tokens));

/** The rows that there are, and zeros behind them. */
function expectRows(growing: GrowingRows, expected: Tensor): Promise<void> {
  expect(growing.tokens).toBe(expected.shape[1]);
  const capacity = growing.rows.shape[1]!;
  const room = zeros([expected.shape[0]!, capacity - growing.tokens, width]);
  const [actual, wanted] = [growing.rows.data(), concat([expected, room], 1).data()];
  return Promise.all([actual, wanted]).then(([a, b]) => expect(a).toEqual(b));
}

it.each([1, 2])('holds what was added, in order, in a batch of %i', async (batch) => {
  const before = device.memory().allocated;
  const checks: Promise<void>[] = [];
  scope(() => {
    const growing = new GrowingRows(rowsOf(batch, 0, 2));
    let tokens = 2;
    for (const added of [1, 1, 3, 1, 70, 1, 1]) {
      const rows = rowsOf(batch, tokens, added);
      if (added === 1) growing.appendOne(rows, here(growing));
      else growing.append(rows);
      expect(growing.hasRoom).toBe(added === 1);
      tokens += added;
      checks.push(expectRows(growing, rowsOf(batch, 0, tokens)));
    }
    growing.dispose();
  });
  await Promise.all(checks);
  expect(device.memory().allocated).toBe(before);
});

it('copies what there is only when its memory is full', async () => {
  using first = rowsOf(2, 0, 60);
  const growing = new GrowingRows(first);
  using one = rowsOf(2, 60, 1);
  const kernels: number[] = [];
  for (let i = 0; i < 6; i++) {
    using place = here(growing);
    await device.startProfile();
    growing.appendOne(one, place);
    kernels.push((await device.stopProfile()).reduce((sum, { calls }) => sum + calls, 0));
  }
  // 64 rows, then 128: zeros, a place, what there was, the row.
  expect(kernels).toEqual([4, 1, 1, 1, 4, 1]);
  growing.dispose();
});

it('puts the next row behind the last at each replay', async () => {
  using first = rowsOf(2, 0, 3);
  const growing = new GrowingRows(first);
  using one = rowsOf(2, 3, 1);
  growing.appendOne(one, here(growing));
  const captured = capture(() =>
    growing.appendOne(
      one,
      hostTensor(() => Int32Array.of(growing.tokens), [1]),
    ),
  );
  captured.replay();
  captured.replay();
  captured.dispose();
  const again = [one, one, one, one];
  await expectRows(growing, concat([first, ...again], 1));
  growing.dispose();
});

it('keeps, repeats and re-orders sequences, and goes on growing', async () => {
  using first = rowsOf(1, 0, 2);
  const growing = new GrowingRows(first);
  growing.select(tensor(Int32Array.of(0, 0)));
  using added = rowsOf(2, 2, 1);
  growing.appendOne(added, here(growing));
  growing.select(tensor(Int32Array.of(1)));
  using last = rowsOf(1, 3, 1);
  growing.appendOne(last, here(growing));
  const copy = growing.copy(tensor(Int32Array.of(0, 0)));
  growing.append(last);
  const firstOf = async (rows: GrowingRows): Promise<number[]> =>
    [...(await rows.rows.data())].filter((_, i) => i % width === 0 && i < rows.tokens * width);
  expect(await firstOf(growing)).toEqual([0, 1, 102, 3, 3]);
  expect(await firstOf(copy)).toEqual([0, 1, 102, 3]);
  growing.dispose();
  copy.dispose();
});
