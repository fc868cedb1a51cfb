import { normal, Random, type Tensor, tensor } from '@ocelli/ops';
import { expect, it } from 'vitest';
import { EncoderDecoderCache } from './encoder-decoder-cache.js';

it('makes a memory once, moves it with its samples and leaves it where beams only change places', async () => {
  const cache = new EncoderDecoderCache();
  const select = (rows: number[]): void => {
    const hostRows = Int32Array.from(rows);
    using indices = tensor(hostRows);
    cache.select(indices, hostRows);
  };
  const never = (): never => {
    throw new Error('the memory was made already');
  };
  using key = normal(new Random(1), [2, 3, 4]);
  using value = normal(new Random(2), [2, 3, 4]);
  using mask = tensor(Uint8Array.of(1, 1, 1, 1, 0, 0), [2, 3]);
  expect(cache.hasMemory).toBe(false);
  cache.memory(0, () => ({ key, value, mask }));
  expect(cache.hasMemory).toBe(true);
  const rowsOf = async (x: Tensor): Promise<Float32Array[]> => {
    const data = await x.data();
    return Array.from({ length: x.shape[0]! }, (_, row) => data.slice(row * 12, (row + 1) * 12));
  };
  const [first, second] = await rowsOf(key);

  select([0, 0, 1, 1]); // two beams each
  const beams = cache.memory(0, never);
  expect(await rowsOf(beams.key)).toEqual([first, first, second, second]);
  expect([...(await beams.mask!.data<'uint8'>())]).toEqual([1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 0, 0]);
  select([1, 0, 3, 3]);
  expect(cache.memory(0, never).key).toBe(beams.key);
  select([2, 3]); // the first sample is done
  expect(await rowsOf(cache.memory(0, never).key)).toEqual([second, second]);
  expect(beams.key.isDisposed).toBe(true);
  cache.dispose();
  expect(cache.hasMemory).toBe(false);
});
