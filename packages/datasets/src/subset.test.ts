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

describe('shots', () => {
  const types = ['what', 'who', 'how'];
  const asked = Array.from({ length: 60 }, (_, i) => ({
    id: `video-${i}`,
    media: {},
    text: {
      captions: [`caption ${i}`],
      questions: types
        .slice(0, 1 + (i % 3))
        .map((type, at) => ({ id: `${i}-${at}`, question: `${type}?`, answers: ['x'], type })),
    },
  }));
  const questions = arrayDataset('questions', asked);

  /** What the samples of a part say, by sample. */
  const texts = async (from: Dataset) => {
    const found = new Map<string, string[]>();
    for await (const { id, text } of from) {
      found.set(id, [...(text.captions ?? []), ...(text.questions ?? []).map((question) => question.id!)]);
    }
    return found;
  };
  const all = (found: Map<string, string[]>) => [...found.values()].flat().sort();

  it('keeps so many samples, the fewer inside the more', async () => {
    const few = await ids(await subset(dataset, { shots: 7 }));
    const more = await ids(await subset(dataset, { shots: 30 }));
    expect([few.length, more.length]).toEqual([7, 30]);
    expect(more).toEqual(expect.arrayContaining(few));
    expect(await ids(await subset(dataset, { fraction: 7 / 200 }))).toEqual(few);
    await expect(subset(dataset, { shots: 201 })).rejects.toThrow(
      'cannot take 201 of the 200 samples of numbers; give a whole number from 1 to 200',
    );
  });

  it('counts texts, whatever the order, and leaves out samples without any', async () => {
    const part = await subset(questions, { shots: 25, of: 'texts' });
    const found = await texts(part);
    expect(all(found)).toHaveLength(25);
    expect(found.size).toBe(part.length);
    expect([...found.values()].every((own) => own.length > 0)).toBe(true);
    const reversed = arrayDataset('questions', [...asked].reverse());
    expect(all(await texts(await subset(reversed, { shots: 25, of: 'texts' })))).toEqual(all(found));
    expect(all(await texts(await subset(questions, { fraction: 0.1, of: 'texts' })))).toHaveLength(18);
    expect(await part.sample(0)).toMatchObject({ id: [...found.keys()][0] });
    await expect(part.sample(part.length)).rejects.toThrow('questions, 25 shots has no sample');
  });

  it('takes as many of each question type', async () => {
    const found = all(await texts(await subset(questions, { shots: 5, of: 'texts', perType: true })));
    const count = (at: number) => found.filter((id) => id.endsWith(`-${at}`)).length;
    expect([count(0), count(1), count(2)]).toEqual([5, 5, 5]);
    expect(found.filter((id) => id.startsWith('caption'))).toHaveLength(5);
    await expect(subset(questions, { shots: 21, of: 'texts', perType: true })).rejects.toThrow(
      'cannot take 21 of the 20 of type "question how" of questions',
    );
    await expect(subset(questions, { shots: 5, perType: true })).rejects.toThrow("add of: 'texts'");
  });

  it('keeps the runs of a streamed data set', async () => {
    const starts = [0, 50, 90, 100, 199];
    const streamed = { ...dataset, runs: { starts, kept: 3 } };
    const { runs, length } = await subset(streamed, { first: 95 });
    expect([length, [...(runs!.starts as Float64Array)], runs!.kept]).toEqual([95, [0, 50, 90], 3]);
    const part = await subset(streamed, { fraction: 0.1 });
    const runOf = (id: string) => starts.findLastIndex((start) => start <= Number(id.split('-')[1]));
    const found = (await ids(part)).map(runOf);
    expect([...(part.runs!.starts as Float64Array)]).toEqual(
      found.flatMap((run, at) => (run === found[at - 1] ? [] : [at])),
    );
  });
});

describe('arrayDataset', () => {
  it('says which sample is not there', async () => {
    expect((await dataset.sample(7)).id).toBe('picture-7');
    await expect(dataset.sample(200)).rejects.toThrow('[dataset] numbers has no sample 200; its 200 samples');
  });
});
