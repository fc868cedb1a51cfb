import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type DatasetConfig, openDataset } from '../open-dataset.js';
import type { Sample } from '../sample.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ocelli-records-'));
});

let files = 0;
async function file(text: string, ending = 'json'): Promise<string> {
  const path = join(directory, `${files++}.${ending}`);
  await writeFile(path, text);
  return path;
}

/** Ids of the samples, and what was said of broken records. */
async function reported(config: DatasetConfig): Promise<{ ids: string[]; errors: string[] }> {
  const errors: string[] = [];
  const dataset = await openDataset(
    { ...config, checkMedia: false },
    { onBroken: ({ message }) => errors.push(message) },
  );
  const ids: string[] = [];
  for await (const sample of dataset as AsyncIterable<Sample>) ids.push(sample.id);
  return { ids, errors };
}

describe('what is broken', () => {
  const good = (id: number) =>
    `{"qas": [{"qa_id": ${id}, "image_id": ${id}, "question": "q", "answer": "a"}]}`;

  it('is named by file and record, and the first is thrown', async () => {
    const annotations = await file(`[${good(1)}, {"qas": [{"qa_id": "x"}]}, ${good(3)}, {]`);
    const config = { format: 'visual-genome-qa', annotations, images: 'x' } as const;
    await expect(openDataset(config)).rejects.toThrow(
      `[dataset] ${annotations} record 2 does not fit its format: .qas[0].qa_id: `,
    );
    const { ids, errors } = await reported(config);
    expect(ids).toEqual(['1', '3']);
    expect(errors).toHaveLength(2);
    expect(errors[1]).toMatch(/ends or breaks after 3 records; get the file again$/);
  });

  it('is a file that was cut off', async () => {
    const annotations = await file(`[${good(1)}, ${good(2)}, {"qas": [`);
    const config = { format: 'visual-genome-qa', annotations, images: 'x' } as const;
    await expect(openDataset(config)).rejects.toThrow(
      `${annotations} is not JSON: it ends or breaks after 2 records`,
    );
    expect((await reported(config)).ids).toEqual(['1', '2']);
  });

  it('is a file of another format, or none', async () => {
    const annotations = await file('{"questions": []}');
    const gqa = { format: 'gqa', annotations, images: 'x' } as const;
    await expect(openDataset(gqa)).rejects.toThrow(
      'does not hold an object with a record for each id; check',
    );
    await expect(openDataset({ ...gqa, annotations: join(directory, 'none.json') })).rejects.toThrow(
      `[dataset] cannot read ${join(directory, 'none.json')} (ENOENT`,
    );
    const csv = await file('audiocap_id,youtube_id,start_time\n1,x,3\n', 'csv');
    await expect(openDataset({ format: 'audiocaps', annotations: csv, audios: 'x' })).rejects.toThrow(
      `${csv} line 2 does not fit its format: .caption: `,
    );
    const ragged = await file('audiocap_id,youtube_id,start_time,caption\n1,x,3,a\n2,y\n', 'csv');
    await expect(openDataset({ format: 'audiocaps', annotations: ragged, audios: 'x' })).rejects.toThrow(
      `${ragged} is no table (Invalid Record Length: columns length is 4, got 2 on line 3`,
    );
    await expect(openDataset({ format: 'clotho', annotations: directory, audios: 'x' })).rejects.toThrow(
      `cannot read ${directory} (EISDIR`,
    );
  });

  it('is an answer that no choice has, an identifier, a span', async () => {
    const line = { qid: 1, q: 'q', a0: 'a', a1: 'b', a2: 'c', a3: 'd', vid_name: 'v', ts: '0-1' };
    const tvqa = async (changes: object) => {
      const annotations = await file(JSON.stringify({ ...line, ...changes }), 'jsonl');
      return openDataset({ format: 'tvqa', annotations, videos: 'x', checkMedia: false });
    };
    await expect(tvqa({ answer_idx: 4 })).rejects.toThrow(
      'line 1: the answer is choice 4 of 4, counted from 0; ',
    );
    await expect(tvqa({ ts: '5' })).rejects.toThrow('line 1: "ts" is "5"; write START-END');
    const annotations = await file('{"identifier": "dev-1", "sentence": "s", "label": "True"}', 'json');
    await expect(openDataset({ format: 'nlvr2', annotations, images: 'x' })).rejects.toThrow(
      'line 1: the identifier is "dev-1"; write split-set-pair-sentence',
    );
  });

  it('is counted in VQA when a question has no annotation', async () => {
    const questions = await file(
      '{"data_subtype": "val2014", "questions": [{"image_id": 1, "question": "q", "question_id": 10}]}',
    );
    const annotations = await file(
      '{"annotations": [{"question_id": 11, "question_type": "t", "answer_type": "t", "answers": []}]}',
    );
    await expect(openDataset({ format: 'vqa', questions, annotations, images: 'x' })).rejects.toThrow(
      `${questions} record 1: ${annotations} has no annotation of question 10; take the file`,
    );
  });
});

describe('a byte order mark, as Windows programs write it,', () => {
  it('is no part of the first line', async () => {
    const text = '\uFEFF{"image": "a.jpg", "caption": "a cat"}\r\n{"image": "b.jpg", "caption": "a dog"}\r\n';
    const annotations = await file(text, 'jsonl');
    const whole = { format: 'folder', directory, annotations: basename(annotations) } as const;
    expect(await reported(whole)).toEqual({ ids: ['a.jpg', 'b.jpg'], errors: [] });
    expect(await reported({ format: 'jsonl', annotations })).toEqual({ ids: ['0', '1'], errors: [] });
  });
});
