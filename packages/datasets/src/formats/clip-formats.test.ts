import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixture, openSamples } from '../../test/format-fixtures.js';

const file = (...names: string[]) => ({ kind: 'file', path: join('clips', ...names) });

describe('published formats of video', () => {
  it('msrvtt: captions of the videos of a split', async () => {
    const annotations = fixture('train_val_videodatainfo.json');
    expect(await openSamples({ format: 'msrvtt', annotations, videos: 'clips', split: 'train' })).toEqual([
      {
        id: 'video0',
        media: { video: file('video0.mp4') },
        text: { captions: ['a car is shown', 'a man drives'] },
      },
    ]);
    const [validate] = await openSamples({
      format: 'msrvtt',
      annotations,
      videos: 'clips',
      split: 'validate',
    });
    expect(validate!.id).toBe('video6513');
  });

  it('msrvtt-qa: typed by the first word', async () => {
    const annotations = fixture('msrvtt_train_qa.json');
    const [sample] = await openSamples({ format: 'msrvtt-qa', annotations, videos: 'clips' });
    expect(sample).toEqual({
      id: 'video6513',
      media: { video: file('video6513.mp4') },
      text: {
        questions: [
          { id: '158581', question: 'what is a man sitting on?', answers: ['couch'], type: 'what' },
          { id: '158582', question: 'who is singing?', answers: ['man'], type: 'who' },
        ],
      },
    });
  });

  it('msvd-qa: names by the mapping', async () => {
    const config = { format: 'msvd-qa', annotations: fixture('msvd_val_qa.json'), videos: 'clips' } as const;
    const [sample] = await openSamples({ ...config, mapping: fixture('youtube_mapping.txt') });
    expect(sample).toMatchObject({ id: 'vid1201', media: { video: file('Sd0tDM0ZyYk_1_8.avi') } });
    expect((await openSamples(config))[0]!.media.video).toEqual(file('vid1201.avi'));
    await expect(openSamples({ ...config, mapping: fixture('esc50.csv') })).rejects.toThrow(
      'esc50.csv line 1 is "filename,fold,target',
    );
  });

  it("vqa-list and caption-list: eP-ALM's own files", async () => {
    const questions = { format: 'vqa-list', annotations: fixture('msrvtt_vqa_train.json') } as const;
    const [asked] = await openSamples({ ...questions, videos: 'clips' });
    expect(asked).toEqual({
      id: 'video0.mp4',
      media: { video: file('video0.mp4') },
      text: {
        questions: [
          { id: '0', question: 'what is driven?', answers: ['car'] },
          { id: '1', question: 'who drives?', answers: ['man'], scores: [1] },
        ],
      },
    });
    await expect(openSamples({ ...questions, images: 'x' })).rejects.toThrow(
      'msrvtt_vqa_train.json record 1 is about videos, and the configuration has no "videos"; add "videos"',
    );
    const captions = { format: 'caption-list', videos: 'clips', audios: 'clips' } as const;
    const told = await openSamples({ ...captions, annotations: fixture('msrvtt_caption_train7k.json') });
    expect(told.map(({ text }) => text.captions)).toEqual([['a car is shown', 'a man drives'], ['a dog']]);
    const [heard] = await openSamples({ ...captions, annotations: fixture('audiocaps_caption_val.json') });
    expect(heard!.media).toEqual({ audio: file('val', 'rqfQRErjfk8.wav') });
  });

  it('tgif-qa: choices, frame questions and counts', async () => {
    const ask = async (name: string) => {
      const [sample] = await openSamples({ format: 'tgif-qa', annotations: fixture(name), videos: 'clips' });
      return sample!;
    };
    const transition = await ask('Train_transition_question.tsv');
    expect(transition.media.video).toEqual(file('tumblr_nqc2mbmU2J1uxhtnwo1_400.gif'));
    expect(transition.text.questions![0]).toMatchObject({
      id: 'TRANS4',
      answers: ['pushes top towards "herself"'],
      correct: 2,
    });
    expect(transition.text.questions![0]!.choices).toHaveLength(5);
    expect((await ask('Test_frameqa_question.tsv')).text.questions![0]).toMatchObject({
      answers: ['two'],
      type: 'number',
    });
    expect((await ask('Train_count_question.tsv')).text.questions![0]).toEqual({
      id: 'COUNT2',
      question: 'How many times does the man wave his head ?',
      answers: ['5'],
    });
  });

  it('tvqa and how2qa: choices and the seconds that answer', async () => {
    const [clip] = await openSamples({
      format: 'tvqa',
      annotations: fixture('tvqa_val.jsonl'),
      videos: 'clips',
    });
    expect(clip!.media.video).toEqual(file('met_s06e22_seg01_clip_02.mp4'));
    expect(clip!.text.questions).toMatchObject([
      { id: '7', answers: ['A beer bottle'], correct: 4, span: [1.21, 8.49] },
      { id: '8', answers: [], choices: ['a', 'b', 'c', 'd', 'e'] },
    ]);
    expect(clip!.text.questions![1]!.span).toBeUndefined();
    const [how] = await openSamples({
      format: 'how2qa',
      annotations: fixture('how2qa_train.jsonl'),
      videos: 'clips',
      ending: '.webm',
    });
    expect(how!.media.video).toEqual(file('-0aXFjXZHHQ_60_120.webm'));
    expect(how!.text.questions![0]).toMatchObject({ answers: ['a pot'], correct: 2, span: [3, 9.5] });
  });

  it('tvc and yc2c: a moment of a video', async () => {
    const [moment] = await openSamples({
      format: 'tvc',
      annotations: fixture('tvc_train_release.jsonl'),
      videos: 'clips',
    });
    expect(moment).toEqual({
      id: '88893',
      media: { video: { ...file('friends_s01e03_seg02_clip_19.mp4'), start: 16.48, end: 33.87 } },
      text: { captions: ['Phoebe puts one of her ponytails in her mouth.', 'Phoebe chews.'] },
    });
    const annotations = fixture('tvc_test_public_release.jsonl');
    expect((await openSamples({ format: 'yc2c', annotations, videos: 'clips' }))[0]!.text).toEqual({});
  });
});

describe('published formats of audio', () => {
  it('audiocaps: captions of a clip together', async () => {
    const config = {
      format: 'audiocaps',
      annotations: fixture('audiocaps_val.csv'),
      audios: 'clips',
    } as const;
    expect(await openSamples(config)).toEqual([
      {
        id: 'vfY_TJq7n_U_130',
        media: { audio: file('vfY_TJq7n_U.wav') },
        text: {
          captions: [
            'Rustling occurs, ducks quack and water splashes, followed by an animal chirping',
            'A duck quacks',
          ],
        },
      },
      {
        id: 'tDVADusiIoc_60',
        media: { audio: file('tDVADusiIoc.wav') },
        text: { captions: ['Music plays and a man says "go"'] },
      },
    ]);
    const [named] = await openSamples({ ...config, file: 'Y{youtube_id}_{start_time}.flac' });
    expect(named!.media.audio).toEqual(file('YvfY_TJq7n_U_130.flac'));
    await expect(openSamples({ ...config, file: '{name}.wav' })).rejects.toThrow(
      '"file" names the column {name}; ',
    );
  });

  it('clotho: five captions', async () => {
    const annotations = fixture('clotho_captions_development.csv');
    const [sample] = await openSamples({ format: 'clotho', annotations, audios: 'clips' });
    expect(sample!.media.audio).toEqual(file('Distorted AM Radio noise.wav'));
    expect(sample!.text.captions).toHaveLength(5);
    expect(sample!.text.captions![1]).toBe('A television blares the rhythm of a static TV, loudly.');
  });

  it('esc-50: folds and the ten kinds', async () => {
    const config = { format: 'esc-50', annotations: fixture('esc50.csv'), audios: 'clips' } as const;
    expect((await openSamples({ ...config, folds: [2] }))[0]!.text.questions).toEqual([
      { id: '2-100038-A-14.wav', question: 'what is this sound?', answers: ['chirping birds'] },
    ]);
    expect((await openSamples({ ...config, esc10: true })).map(({ id }) => id)).toEqual(['1-100032-A-0.wav']);
    expect(await openSamples(config)).toHaveLength(2);
  });

  it('avqa and music-avqa: a video that is heard', async () => {
    const [choice] = await openSamples({
      format: 'avqa',
      annotations: fixture('avqa_train_qa.json'),
      videos: 'clips',
    });
    expect(choice!.media).toEqual({
      video: file('-HG3Omg_89c_000030.mp4'),
      audio: file('-HG3Omg_89c_000030.mp4'),
    });
    expect(choice!.text.questions![0]).toMatchObject({
      id: '183',
      answers: ['Yacht consignment'],
      correct: 1,
      type: 'Happening',
      answerType: 'View',
    });
    const [music] = await openSamples({
      format: 'music-avqa',
      annotations: fixture('music_avqa_train.json'),
      videos: 'clips',
    });
    expect(music!.text.questions).toEqual([
      {
        id: '28884',
        question: 'Are there piano and ukulele instruments in the video?',
        answers: ['no'],
        type: 'Counting',
        answerType: 'Visual',
      },
    ]);
  });
});
