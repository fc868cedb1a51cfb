import { copyFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { makePictures } from '../test/make-pictures.js';
import { loadImage } from './load-image.js';
import { type DatasetConfig, openDataset } from './open-dataset.js';
import type { Dataset, Sample } from './sample.js';

const fixture = (name: string) => fileURLToPath(new URL(`../test/fixtures/${name}`, import.meta.url));

async function all(dataset: Dataset): Promise<Sample[]> {
  const samples: Sample[] = [];
  for await (const sample of dataset) samples.push(sample);
  expect(samples).toHaveLength(dataset.length);
  for (const [index, sample] of samples.entries()) expect(await dataset.sample(index)).toBe(sample);
  return samples;
}

describe('a folder of your own', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await makePictures({ 'red.png': '#ff0000', 'more/blue.png': '#0000ff' });
    await copyFile(fixture('folder/captions.jsonl'), join(directory, 'captions.jsonl'));
  });

  it('gives a sample for each picture, with its captions and questions', async () => {
    const samples = await all(await openDataset({ format: 'folder', directory }));
    expect(samples.map(({ id, text }) => ({ id, text }))).toEqual([
      {
        id: 'red.png',
        text: {
          captions: ['a red square'],
          questions: [{ question: 'which colour is it?', answers: ['red'], type: 'colour', id: '7' }],
        },
      },
      {
        id: 'more/blue.png',
        text: {
          captions: ['a blue square', 'a square that is blue'],
          questions: [{ question: 'is it red?', answers: ['no', 'it is not'] }],
        },
      },
    ]);
    const pixels = await loadImage(samples[1]!.media.image!);
    expect(pixels).toMatchObject({ width: 4, height: 2, channels: 3 });
    expect([...pixels.data.subarray(0, 3)]).toEqual([0, 0, 255]);
  });

  it('can be cut down', async () => {
    const few = await openDataset({ format: 'folder', directory, subset: { first: 1 } });
    expect((await all(few)).map(({ id }) => id)).toEqual(['red.png']);
  });

  it.each([
    ['{"image": "red.png", "caption": "a"', 'line 2 is not JSON ('],
    ['{"caption": "a"}', 'line 2 does not fit its format: it: has to have one of'],
    [
      '{"image": "red.png"}',
      'line 2 does not fit its format: it: has neither "caption", "captions" nor "question"',
    ],
    ['{"image": "red.png", "caption": 5}', 'line 2 does not fit its format: .caption: '],
    ['{"image": "red.png", "captions": ["a", ""]}', 'line 2 does not fit its format: .captions[1]: '],
    [
      '{"image": "red.png", "caption": "a", "answer": "b"}',
      'line 2 does not fit its format: it: has an answer but no',
    ],
    ['{"image": "red.png", "capton": "a"}', 'line 2 does not fit its format: it: '],
    ['[]', 'line 2 does not fit its format: it: '],
  ])('says what is wrong with %s', async (line, fact) => {
    const annotations = join(directory, 'wrong.jsonl');
    await writeFile(annotations, `{"image": "red.png", "caption": "fine"}\n${line}\n`);
    const opened = openDataset({ format: 'folder', directory, annotations: 'wrong.jsonl' });
    await expect(opened).rejects.toThrow(`[dataset] ${annotations} ${fact}`);
    await expect(opened).rejects.toThrow('; correct it');
  });

  it('names the files that are missing', async () => {
    await writeFile(
      join(directory, 'more.jsonl'),
      ['b', 'a', 'c'].map((name) => `{"image": "${name}.png", "caption": "x"}`).join('\n'),
    );
    const config = { format: 'folder', directory, annotations: 'more.jsonl' } as const;
    await expect(openDataset(config)).rejects.toThrow(
      `names the file ${join(directory, 'a.png')} and 2 more of 3, which are not there; copy`,
    );
    expect(await openDataset({ ...config, checkMedia: false })).toHaveLength(3);
  });

  it('names a file that is missing or empty', async () => {
    await expect(openDataset({ format: 'folder', directory: '/nowhere' })).rejects.toThrow(
      '[dataset] cannot read /nowhere/captions.jsonl (ENOENT',
    );
    await writeFile(join(directory, 'empty.jsonl'), '\n');
    await expect(openDataset({ format: 'folder', directory, annotations: 'empty.jsonl' })).rejects.toThrow(
      'empty.jsonl has no samples; write one JSON object a line',
    );
  });
});

describe('published formats', () => {
  let images: string;
  beforeAll(async () => {
    images = await makePictures({
      'train2014/COCO_train2014_000000000009.jpg': '#102030',
      'val2014/COCO_val2014_000000000001.jpg': '#102030',
      'val2014/COCO_val2014_000000000002.jpg': '#102030',
      'val2014/COCO_val2014_000000000003.jpg': '#102030',
      '2354786.jpg': '#102030',
    });
  });

  it('Karpathy COCO: train contains restval', async () => {
    const open = async (split: 'train' | 'val' | 'test') =>
      all(
        await openDataset({
          format: 'coco-karpathy',
          annotations: fixture('coco/dataset_coco.json'),
          images,
          split,
        }),
      );
    expect((await open('train')).map(({ id, text }) => [id, text.captions])).toEqual([
      ['COCO_train2014_000000000009', ['A tray of food.']],
      ['COCO_val2014_000000000002', ['A woman wearing a net on her head cutting a cake.']],
    ]);
    expect((await open('val')).map(({ id }) => id)).toEqual(['COCO_val2014_000000000003']);
    const [sample] = await open('test');
    expect(sample!.text.captions).toHaveLength(2);
    expect(await loadImage(sample!.media.image!)).toMatchObject({ width: 4 });
  });

  it('VQA as a list: grouped by picture, answers by score', async () => {
    const samples = await all(
      await openDataset({ format: 'vqa-list', annotations: fixture('vqa/karpathy_train.json'), images }),
    );
    expect(samples.map(({ id }) => id)).toEqual(['COCO_train2014_000000000009', 'COCO_val2014_000000000002']);
    expect(samples[0]!.text.questions).toEqual([
      {
        id: '9000',
        question: 'What is this photo taken looking through?',
        answers: ['net', 'table'],
        scores: [1, 0.3],
        annotatorAnswers: ['net'],
        type: 'what is this',
        answerType: 'other',
      },
      { id: '9001', question: 'How many?', answers: [], scores: [], type: 'how many', answerType: 'number' },
    ]);
    expect(samples[1]!.media.image!).toEqual({
      kind: 'file',
      path: join(images, 'val2014/COCO_val2014_000000000002.jpg'),
    });
  });

  it('GQA has the same form', async () => {
    const [sample] = await all(
      await openDataset({ format: 'vqa-list', annotations: fixture('vqa/gqa_testdev.json'), images }),
    );
    expect(sample!.id).toBe('2354786');
    expect(sample!.text.questions![0]).toMatchObject({ id: '02930152', answers: ['no'], scores: [1] });
  });

  it('VQA as published: scores from ten people, annotations in any order', async () => {
    const config = {
      format: 'vqa',
      questions: fixture('vqa/v2_OpenEnded_mscoco_train2014_questions.json'),
      annotations: fixture('vqa/v2_mscoco_train2014_annotations.json'),
      images,
    } as const;
    const [sample] = await all(await openDataset(config));
    expect(sample!.id).toBe('COCO_train2014_000000000009');
    expect(sample!.text.questions).toMatchObject([
      { id: '9000', answers: ['net', 'mesh', 'table'], scores: [1, 0.6, 0.3], answerType: 'other' },
      { id: '9001', answers: ['catcher', 'pitcher'], scores: [1, 0.9], type: 'what position' },
    ]);
    expect(sample!.text.questions![0]!.annotatorAnswers).toHaveLength(10);
    const { annotations, ...test } = config;
    expect((await all(await openDataset(test)))[0]!.text.questions![1]).toEqual({
      id: '9001',
      question: 'What position is this man playing?',
      answers: [],
    });
    await expect(
      openDataset({ ...config, annotations: annotations.replace('annotations.json', 'x.json') }),
    ).rejects.toThrow('[dataset] cannot read');
  });

  it('say what does not fit', async () => {
    const other = fixture('coco/dataset_coco.json');
    await expect(openDataset({ format: 'vqa-list', annotations: other, images })).rejects.toThrow(
      `[dataset] ${other} does not hold a list of records; `,
    );
    await expect(openDataset({ format: 'vqa', questions: other, images })).rejects.toThrow(
      'it has no "data_subtype"; ',
    );
    await rm(join(images, '2354786.jpg'));
    await expect(
      openDataset({ format: 'vqa-list', annotations: fixture('vqa/gqa_testdev.json'), images }),
    ).rejects.toThrow(`names the file ${join(images, '2354786.jpg')}, which is not there`);
    await expect(openDataset({ format: 'arrow' } as unknown as DatasetConfig)).rejects.toThrow(
      '[dataset] the format "arrow" is unknown; choose folder, jsonl,',
    );
    await expect(openDataset({ format: 'gqa', images } as unknown as DatasetConfig)).rejects.toThrow(
      '[dataset] the configuration of gqa does not fit its format: .annotations: ',
    );
  });
});
