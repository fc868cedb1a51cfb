import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixture, openSamples } from '../../test/format-fixtures.js';

const file = (...names: string[]) => ({ kind: 'file', path: join('pictures', ...names) });

describe('published formats of pictures', () => {
  it('gqa: an object by question id', async () => {
    const samples = await openSamples({
      format: 'gqa',
      annotations: fixture('gqa_val_balanced_questions.json'),
      images: 'pictures',
    });
    expect(samples).toEqual([
      {
        id: '2354786',
        media: { image: file('2354786.jpg') },
        text: {
          questions: [
            {
              id: '02930152',
              question: 'Is the sky dark?',
              answers: ['yes'],
              type: 'verify',
              answerType: 'attr',
            },
          ],
        },
      },
      {
        id: '2375429',
        media: { image: file('2375429.jpg') },
        text: {
          questions: [
            {
              id: '07333408',
              question: 'What is on the white "wall" in {braces} [and] brackets?',
              answers: ['pipe'],
              type: 'query',
              answerType: 'rel',
            },
            {
              id: '07333405',
              question: 'Is that pipe red?',
              answers: ['no'],
              type: 'verify',
              answerType: 'attr',
            },
          ],
        },
      },
    ]);
  });

  it('ok-vqa: the files of VQA', async () => {
    const [sample] = await openSamples({
      format: 'ok-vqa',
      questions: fixture('OpenEnded_mscoco_val2014_questions.json'),
      annotations: fixture('mscoco_val2014_annotations.json'),
      images: 'pictures',
    });
    expect(sample!.media.image).toEqual(file('val2014', 'COCO_val2014_000000297147.jpg'));
    expect(sample!.text.questions![0]).toMatchObject({
      id: '2971475',
      answers: ['race', 'motocross', 'ride'],
      scores: [1, 0.6, 0.6],
      type: 'four',
    });
  });

  it('a-okvqa: direct answers or the choice', async () => {
    const config = {
      format: 'a-okvqa',
      annotations: fixture('aokvqa_v1p0_val.json'),
      images: 'pictures',
    } as const;
    const [direct] = await openSamples(config);
    expect(direct!.media.image).toEqual(file('000000461751.jpg'));
    expect(direct!.text.questions![0]).toMatchObject({
      id: '22jbM6gDxdaMaunuzgrsBB',
      answers: ['cigarette', 'smoke'],
      scores: [1, 0.6],
      correct: 3,
      type: 'ordinary',
    });
    expect(direct!.text.questions![0]!.rationales).toHaveLength(2);
    const [chosen] = await openSamples({ ...config, answers: 'choice' });
    expect(chosen!.text.questions![0]).toMatchObject({ answers: ['cigarette'], correct: 3 });
    expect(chosen!.text.questions![0]!.annotatorAnswers).toBeUndefined();
    const [test] = await openSamples({ ...config, annotations: fixture('aokvqa_v1p0_test.json') });
    expect(test!.text.questions![0]).toMatchObject({
      answers: [],
      choices: ['a', 'b', 'c', 'd'],
      type: 'difficult',
    });
  });

  it('nlvr2: two pictures, grouped as consistency counts', async () => {
    const samples = await openSamples({
      format: 'nlvr2',
      annotations: fixture('nlvr2_dev.json'),
      images: 'pictures',
    });
    expect(samples.map(({ id }) => id)).toEqual(['dev-850-0', 'dev-850-1']);
    expect(samples[0]!.media).toEqual({ images: [file('dev-850-0-img0.png'), file('dev-850-0-img1.png')] });
    expect(samples[0]!.text.questions).toEqual([
      {
        id: 'dev-850-0-0',
        question: 'There is an empty glass.',
        choices: ['true', 'false'],
        answers: ['false'],
        correct: 1,
        group: 'dev-850-0',
      },
      {
        id: 'dev-850-0-1',
        question: 'Two beakers hold blue liquid.',
        choices: ['true', 'false'],
        answers: ['true'],
        correct: 0,
        group: 'dev-850-1',
      },
    ]);
    expect(samples[1]!.text.questions![0]).toMatchObject({ answers: ['true'], group: 'dev-850-0' });
    const [train] = await openSamples({
      format: 'nlvr2',
      annotations: fixture('nlvr2_train.json'),
      images: 'pictures',
    });
    expect(train!.media.images![0]).toEqual(file('38', 'train-10171-0-img0.png'));
  });

  it('nlvr: six orders of a drawing', async () => {
    const annotations = fixture('nlvr_dev.json');
    const samples = await openSamples({ format: 'nlvr', annotations, images: 'pictures', split: 'dev' });
    expect(samples).toHaveLength(6);
    expect(samples[5]!.media.image).toEqual(file('0', 'dev-3536-0-5.png'));
    expect(samples[5]!.text.questions![0]).toMatchObject({ answers: ['true'], group: '3536' });
  });

  it('nocaps: by domain, and the test split without captions', async () => {
    const config = {
      format: 'nocaps',
      annotations: fixture('nocaps_val_4500_captions.json'),
      images: 'pictures',
    } as const;
    expect((await openSamples(config)).map(({ id, text }) => [id, text.captions!.length])).toEqual([
      ['0', 2],
      ['1', 1],
    ]);
    const [near, ...more] = await openSamples({ ...config, domain: 'near-domain' });
    expect(near).toEqual({
      id: '1',
      media: { image: file('001464cfae2a30b8.jpg') },
      text: { captions: ['A chef cooks food over a fire.'] },
    });
    expect(more).toEqual([]);
    expect(await openSamples({ ...config, annotations: fixture('nocaps_test_image_info.json') })).toEqual([
      { id: '0', media: { image: file('0001eeaf4aed83f9.jpg') }, text: {} },
    ]);
  });

  it('flickr30k: the form of Karpathy', async () => {
    const annotations = fixture('dataset_flickr30k.json');
    const [sample] = await openSamples({
      format: 'flickr30k',
      annotations,
      images: 'pictures',
      split: 'train',
    });
    expect(sample).toMatchObject({ id: '1000092795', media: { image: file('1000092795.jpg') } });
    expect(sample!.text.captions).toHaveLength(2);
    await expect(
      openSamples({ format: 'flickr30k', annotations, images: 'pictures', split: 'val' }),
    ).rejects.toThrow(`${annotations}, val has no samples; check the file and the split`);
  });

  it('textcaps: the references of a picture once', async () => {
    const config = {
      format: 'textcaps',
      annotations: fixture('TextCaps_0.1_val.json'),
      images: 'pictures',
    } as const;
    expect(await openSamples(config)).toEqual([
      {
        id: '0054c91397f2fe05',
        media: { image: file('0054c91397f2fe05.jpg') },
        text: { captions: ['A bottle of beer from 2002.', 'Three bottles.'] },
      },
    ]);
    expect(
      (await openSamples({ ...config, annotations: fixture('TextCaps_0.1_test.json') }))[0]!.text,
    ).toEqual({});
  });

  it('scienceqa: with and without a picture', async () => {
    const annotations = fixture('scienceqa/problems.json');
    const config = { format: 'scienceqa', annotations, images: 'pictures', split: 'train' } as const;
    expect(await openSamples(config)).toEqual([
      {
        id: '1',
        media: { image: file('train', '1', 'image.png') },
        text: {
          questions: [
            {
              id: '1',
              question: 'Which of these states is farthest north?',
              choices: ['West Virginia', 'Louisiana', 'Arizona', 'Oklahoma'],
              answers: ['West Virginia'],
              correct: 0,
              type: 'social science',
              answerType: 'grade2',
              rationales: ['Maps have four cardinal directions.', 'West Virginia is farthest north.'],
            },
          ],
        },
      },
    ]);
    const splits = fixture('scienceqa/pid_splits.json');
    const [small] = await openSamples({ ...config, split: 'minitest', splits });
    expect(small).toMatchObject({
      id: '5',
      media: {},
      text: { questions: [{ context: 'Read the passage.' }] },
    });
    await expect(openSamples({ ...config, split: 'test', withImage: true })).rejects.toThrow(
      'has no samples',
    );
  });

  it('visual-genome-qa: questions of each picture', async () => {
    const annotations = fixture('question_answers.json');
    expect(await openSamples({ format: 'visual-genome-qa', annotations, images: 'pictures' })).toEqual([
      {
        id: '1',
        media: { image: file('1.jpg') },
        text: {
          questions: [
            { id: '986769', question: 'What color is the clock?', answers: ['Green'] },
            { id: '986768', question: 'How tall is it?', answers: ['Very tall'] },
          ],
        },
      },
    ]);
  });

  it('vqa-rad: train and test by the phrase type', async () => {
    const config = { format: 'vqa-rad', annotations: fixture('vqa_rad.json'), images: 'pictures' } as const;
    const train = await openSamples({ ...config, split: 'train' });
    expect(train.map(({ id }) => id)).toEqual(['synpic54610.jpg', 'synpic29265.jpg']);
    expect(train[0]!.text.questions).toEqual([
      {
        id: '0',
        question: 'Are regions of the brain infarcted?',
        answers: ['Yes'],
        type: 'PRES',
        answerType: 'CLOSED',
        group: '03f451ca-de62-4617-9679-e836026a7642',
      },
    ]);
    expect(train[1]!.text.questions![0]!.answers).toEqual(['2']);
    expect((await openSamples({ ...config, split: 'test' }))[0]!.text.questions![0]!.id).toBe('1');
    expect((await openSamples({ ...config, split: 'all' }))[0]!.text.questions).toHaveLength(2);
  });

  it('slake: one language or both', async () => {
    const config = { format: 'slake', annotations: fixture('slake_train.json'), images: 'pictures' } as const;
    expect(await openSamples(config)).toEqual([
      {
        id: 'xmlab1/source.jpg',
        media: { image: file('xmlab1', 'source.jpg') },
        text: {
          questions: [
            {
              id: '0',
              question: 'What modality is used to take this image?',
              answers: ['MRI'],
              type: 'Modality',
              answerType: 'OPEN',
            },
          ],
        },
      },
    ]);
    expect((await openSamples({ ...config, language: 'both' }))[0]!.text.questions).toHaveLength(2);
  });
});
