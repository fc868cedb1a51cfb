import { z } from 'zod';
import { DatasetError } from '../dataset-error.js';
import { readText } from '../records/read-json.js';
import { readRecords, useRecords } from '../records/read-records.js';
import { defineFormat, optionalPath, path } from './define-format.js';
import { clipFile, withEnding } from './media-files.js';
import { SampleCollector } from './sample-collector.js';

const record = z.object({
  answer: z.string().optional(),
  id: z.number(),
  question: z.string(),
  video_id: z.number(),
});

/** What kind of question it is: its first word, as the authors report. */
const typeOf = (question: string): string => question.trim().split(/\s+/)[0]!.toLowerCase();

const reads =
  'a list: `id`, `question`, `answer`, `video_id`. The first word is the question type. One sample a video.';
const source =
  'https://github.com/xudejing/video-question-answering (`train_qa.json`, `val_qa.json`, `test_qa.json`)';

/** MSRVTT-QA as published (Xu et al. 2017). */
export const msrvttQa = defineFormat({
  name: 'msrvtt-qa',
  title: 'MSRVTT-QA',
  modalities: ['video'],
  task: 'questions',
  licence: 'research only',
  source: `${source}, videos of MSR-VTT`,
  reads,
  published: { counted: 'questions', sizes: { train: 158_581, val: 12_278, test: 72_821 } },
  fields: { annotations: path('path of the list'), videos: path('folder of the videos, video<number>.mp4') },
  paths: ['annotations', 'videos'],
  async open(config, context) {
    const samples = new SampleCollector();
    const records = readRecords(config.annotations, 'list', record, context);
    await useRecords(records, context, ({ value: { id, question, answer, video_id } }) => {
      const name = `video${video_id}`;
      samples.add(
        name,
        { video: clipFile(config.videos, `${name}.mp4`) },
        {
          question: {
            id: String(id),
            question,
            answers: answer === undefined ? [] : [answer],
            type: typeOf(question),
          },
        },
      );
    });
    return samples.dataset(config.annotations);
  },
});

/** `vid1201` to the name of the clip: lines `<name> vid<number>`. */
async function readMapping(file: string): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const [index, line] of (await readText(file)).split('\n').entries()) {
    if (line.trim() === '') continue;
    const [name, video] = line.trim().split(/\s+/);
    if (!/^vid\d+$/.test(video ?? '')) {
      throw new DatasetError(
        `${file} line ${index + 1} is "${line.trim()}"`,
        'write the name of a clip, a space and vid<number>',
      );
    }
    names.set(video!, name!);
  }
  return names;
}

/** MSVD-QA as published (Xu et al. 2017). */
export const msvdQa = defineFormat({
  name: 'msvd-qa',
  title: 'MSVD-QA',
  modalities: ['video'],
  task: 'questions',
  licence: 'research only',
  source: `${source}, videos https://www.cs.utexas.edu/~ml/clamp/videoDescription/`,
  reads: `${reads} \`mapping\`: lines \`<name of the clip> vid<number>\`.`,
  published: { counted: 'questions', sizes: { train: 30_933, val: 6_415, test: 13_157 } },
  fields: {
    annotations: path('path of the list'),
    videos: path('folder of the videos'),
    mapping: optionalPath('path of youtube_mapping.txt; default: the videos are named vid<number>.avi'),
  },
  paths: ['annotations', 'videos', 'mapping'],
  async open(config, context) {
    const mapping = config.mapping === undefined ? undefined : await readMapping(config.mapping);
    const samples = new SampleCollector();
    const records = readRecords(config.annotations, 'list', record, context);
    await useRecords(records, context, ({ value: { id, question, answer, video_id }, where }) => {
      const number = `vid${video_id}`;
      const name = mapping === undefined ? number : mapping.get(number);
      if (name === undefined) {
        throw new DatasetError(
          `${where}: ${config.mapping} has no line for ${number}`,
          'take the mapping of MSVD',
        );
      }
      samples.add(
        number,
        { video: clipFile(config.videos, withEnding(name, '.avi')) },
        {
          question: {
            id: String(id),
            question,
            answers: answer === undefined ? [] : [answer],
            type: typeOf(question),
          },
        },
      );
    });
    return samples.dataset(config.annotations);
  },
});
