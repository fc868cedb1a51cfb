import { describe, expect, it } from 'vitest';
import { arrayDataset } from './array-dataset.js';
import type { Dataset } from './sample.js';
import { subset } from './subset.js';

const samples = Array.from({ length: 200 }, (_, i) => ({
  id: `picture-${i}`,
  media: { image: { kind: 'file', path: `${i}.jpg` } as const },
  text: {},
}));
const dataset = arrayDataset('numbers', samples);
const ids = async (from: Dataset) => {
  const found: string[] = [];
  for await (const sample of from) found.push(sample.id);
  return found;
};

describe('subset', () => {
  it('keeps the first ones', async () => {
    expect(await ids(await subset(dataset, { first: 3 }))).toEqual(['picture-0', 'picture-1', 'picture-2']);
    await expect(subset(dataset, { first: 201 })).rejects.toThrow(
      'cannot take the first 201 of the 200 samples',
    );
  });

  it('keeps an exact share, the smaller inside the larger, whatever the order of the file', async () => {
    const one = await ids(await subset(dataset, { fraction: 0.01 }));
    const ten = await ids(await subset(dataset, { fraction: 0.1 }));
    expect([one.length, ten.length]).toEqual([2, 20]);
    expect(ten).toEqual(expect.arrayContaining(one));
    const reversed = await ids(await subset(arrayDataset('x', [...samples].reverse()), { fraction: 0.1 }));
    expect([...reversed].sort()).toEqual([...ten].sort());
    expect(await ids(await subset(dataset, { fraction: 0.1, seed: 1 }))).not.toEqual(ten);
    expect(await ids(await subset(dataset, { fraction: 1 }))).toEqual(await ids(dataset));
    await expect(subset(dataset, { fraction: 0 })).rejects.toThrow('fraction is 0');
  });
});

describe('arrayDataset', () => {
  it('says which sample is not there', async () => {
    expect((await dataset.sample(7)).id).toBe('picture-7');
    await expect(dataset.sample(200)).rejects.toThrow('[dataset] numbers has no sample 200; its 200 samples');
  });
});
