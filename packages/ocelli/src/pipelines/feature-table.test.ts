import { expect, test } from 'vitest';
import { FeatureTable } from './feature-table.js';

/** Item i, layer l, token t, dimension d holds 1000 i + 100 l + 10 t + d. */
function table(items: number, layers: number, tokens: number, width: number): FeatureTable {
  const result = new FeatureTable(items, layers, tokens, width);
  for (let item = 0; item < items; item++) {
    const values = new Float32Array(layers * tokens * width);
    let at = 0;
    for (let l = 0; l < layers; l++)
      for (let t = 0; t < tokens; t++)
        for (let d = 0; d < width; d++) values[at++] = 1000 * item + 100 * l + 10 * t + d;
    result.set(item, values);
  }
  return result;
}

test('serves the last layers in the order of the items asked for', async () => {
  using part = table(3, 4, 1, 2).tensor([2, 0, 2], { layers: 2, tokens: 'class' });
  expect(part.shape).toEqual([3, 2, 1, 2]);
  expect([...(await part.data())]).toEqual([
    2200, 2201, 2300, 2301, 200, 201, 300, 301, 2200, 2201, 2300, 2301,
  ]);
});

test('serves class tokens from a table of all tokens', async () => {
  using part = table(2, 2, 3, 2).tensor([1], { layers: 2, tokens: 'class' });
  expect(part.shape).toEqual([1, 2, 1, 2]);
  expect([...(await part.data())]).toEqual([1000, 1001, 1100, 1101]);
});

test('refuses what it does not hold', () => {
  const small = table(2, 2, 1, 2);
  expect(() => small.tensor([0], { layers: 3, tokens: 'class' })).toThrow('[2, 1, 2] an item, 3 layers');
  expect(() => small.tensor([0], { layers: 1, tokens: 'all' })).toThrow('all tokens');
  expect(() => small.tensor([5], { layers: 1, tokens: 'class' })).toThrow('there is no item 5');
  expect(() => small.set(0, new Float32Array(3))).toThrow('has 3 values');
});
