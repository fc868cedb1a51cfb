import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteFile } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { makePictures } from '../../test/make-pictures.js';
import { imageOf } from '../image-of.js';
import { loadImage } from '../load-image.js';
import { openDataset } from '../open-dataset.js';
import type { Dataset, Sample } from '../sample.js';

const directory = mkdtempSync(join(tmpdir(), 'ocelli-streamed-'));
let names = 0;
const newPath = (ending: string) => join(directory, `${names++}${ending}`);

/** All samples in order, which are the same by index. */
async function all(dataset: Dataset): Promise<Sample[]> {
  const samples: Sample[] = [];
  for await (const sample of dataset) samples.push(sample);
  expect(samples).toHaveLength(dataset.length);
  for (const [index, sample] of samples.entries()) expect(await dataset.sample(index)).toEqual(sample);
  return samples;
}

describe('jsonl', () => {
  it('gives a sample for each line, with own names of fields', async () => {
    const annotations = newPath('.jsonl');
    const rows = [
      { file: 'a.jpg', text: 'a cat' },
      { file: 'b.jpg', text: ['a dog', 'two dogs'], id: 7 },
      {
        video: 'c.mp4',
        start: 1.5,
        end: 4,
        question: 'who?',
        answer: 1,
        choices: ['a man', 'a woman'],
        type: 'who',
      },
      { audio: 'd.wav', question: 'what?', answers: ['rain', 'water'] },
    ];
    writeFileSync(annotations, rows.map((row) => `${JSON.stringify(row)}\r\n\n  \n`).join(''));
    const dataset = await openDataset({
      format: 'jsonl',
      annotations,
      columns: { image: 'file', caption: 'text' },
    });
    const file = (name: string) => ({ kind: 'file', path: join(directory, name) });
    expect(await all(dataset)).toEqual([
      { id: '0', media: { image: file('a.jpg') }, text: { captions: ['a cat'] } },
      { id: '7', media: { image: file('b.jpg') }, text: { captions: ['a dog', 'two dogs'] } },
      {
        id: '2',
        media: { video: { ...file('c.mp4'), start: 1.5, end: 4 } },
        text: {
          questions: [
            {
              question: 'who?',
              answers: ['a woman'],
              choices: ['a man', 'a woman'],
              correct: 1,
              type: 'who',
            },
          ],
        },
      },
      {
        id: '3',
        media: { audio: file('d.wav') },
        text: { questions: [{ question: 'what?', answers: ['rain', 'water'] }] },
      },
    ]);
    await expect(dataset.sample(4)).rejects.toThrow(`${annotations} has no sample 4; its 4 samples`);
  });

  it('names the line that is broken and goes on behind it', async () => {
    const annotations = newPath('.jsonl');
    const line = (n: number) =>
      n === 70 ? '{"image": 5, "caption": "x"}' : `{"image": "${n}.jpg", "caption": "${n}"}`;
    writeFileSync(annotations, Array.from({ length: 200 }, (_, n) => `${line(n)}\n`).join('\n'));
    const dataset = await openDataset({ format: 'jsonl', annotations });
    expect(dataset).toHaveLength(200);
    expect(dataset.runs!.starts).toEqual(Float64Array.of(0, 64, 128, 192));
    await expect(dataset.sample(70)).rejects.toThrow(
      `[dataset] ${annotations} line 141 does not fit its format: .image: `,
    );
    expect((await dataset.sample(71)).text.captions).toEqual(['71']);
    expect((await dataset.sample(199)).id).toBe('199');
    const none = newPath('.jsonl');
    writeFileSync(none, '\n');
    await expect(openDataset({ format: 'jsonl', annotations: none })).rejects.toThrow(
      `${none} has no lines; write`,
    );
  });

  it('reads the files of a folder in the order of their names', async () => {
    const folder = newPath('');
    mkdirSync(folder);
    const caption = (text: string) => `{"image": "x", "caption": "${text}"}\n`;
    writeFileSync(join(folder, 'b.jsonl'), caption('third').repeat(1));
    writeFileSync(join(folder, 'a.jsonl'), caption('first') + caption('second'));
    writeFileSync(join(folder, 'aa.jsonl'), '');
    const samples = await all(await openDataset({ format: 'jsonl', annotations: folder }));
    expect(samples.map(({ id, text }) => [id, text.captions![0]])).toEqual([
      ['0-0', 'first'],
      ['0-1', 'second'],
      ['2-0', 'third'],
    ]);
    await expect(openDataset({ format: 'parquet', annotations: folder })).rejects.toThrow(
      `the folder ${folder} has no file that ends in .parquet; `,
    );
  });
});

describe('parquet', () => {
  it('reads embedded pictures, lists and numbers a row group at a time', async () => {
    const pictures = await makePictures({ 'red.png': '#ff0000', 'blue.png': '#0000ff' });
    const bytes = ['red.png', 'blue.png', 'red.png'].map(
      (name) => new Uint8Array(readFileSync(join(pictures, name))),
    );
    const filename = newPath('.parquet');
    parquetWriteFile({
      filename,
      columnData: [
        { name: 'image', data: bytes, type: 'BYTE_ARRAY' },
        { name: 'caption', data: ['red', 'blue', null], type: 'STRING' },
        { name: 'question', data: [null, null, 'which?'], type: 'STRING' },
        { name: 'answer', data: [null, null, 'red'], type: 'STRING' },
        { name: 'id', data: [10n, 11n, 12n], type: 'INT64' },
        { name: 'unused', data: [1, 2, 3], type: 'INT32' },
      ],
      rowGroupSize: 2,
    });
    const dataset = await openDataset({ format: 'parquet', annotations: filename });
    expect(dataset.runs!.starts).toEqual(Float64Array.of(0, 2));
    const samples = await all(dataset);
    expect(samples.map(({ id, text }) => ({ id, text }))).toEqual([
      { id: '10', text: { captions: ['red'] } },
      { id: '11', text: { captions: ['blue'] } },
      { id: '12', text: { questions: [{ question: 'which?', answers: ['red'] }] } },
    ]);
    const pixels = await loadImage(imageOf(samples[1]!));
    expect([...pixels.data.subarray(0, 3)]).toEqual([0, 0, 255]);
  });

  it("reads Hugging Face's pictures: a struct of bytes and path", async () => {
    const filename = newPath('.parquet');
    parquetWriteFile({
      filename,
      schema: [
        { name: 'root', num_children: 2 },
        { name: 'image', repetition_type: 'OPTIONAL', num_children: 2 },
        { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
        { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
        { name: 'text', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      ],
      columnData: [
        {
          name: 'image',
          data: [
            { bytes: Uint8Array.of(0xff, 0xd8, 0xff), path: 'a.jpg' },
            { bytes: null, path: 'b.jpg' },
            { bytes: null, path: null },
          ],
        },
        { name: 'text', data: ['a', 'b', 'c'] },
      ],
    });
    const dataset = await openDataset({
      format: 'parquet',
      annotations: filename,
      columns: { caption: 'text' },
    });
    expect((await dataset.sample(0)).media.image).toEqual({
      kind: 'bytes',
      data: Uint8Array.of(0xff, 0xd8, 0xff),
      name: `a.jpg of ${filename} row 1`,
    });
    expect((await dataset.sample(1)).media.image).toEqual({ kind: 'file', path: join(directory, 'b.jpg') });
    await expect(dataset.sample(2)).rejects.toThrow(`${filename} row 3 does not fit its format: .image: `);
  });

  it('names columns that are not there, and files that are broken', async () => {
    const filename = newPath('.parquet');
    parquetWriteFile({ filename, columnData: [{ name: 'words', data: ['a', 'b'], type: 'STRING' }] });
    await expect(openDataset({ format: 'parquet', annotations: filename })).rejects.toThrow(
      `${filename} has the columns words; name those of captions, questions and media, e.g. columns: { caption: words }`,
    );
    const columns = { caption: 'wrods' };
    await expect(openDataset({ format: 'parquet', annotations: filename, columns })).rejects.toThrow(
      'has no column "wrods"; it has words',
    );
    const broken = newPath('.parquet');
    writeFileSync(broken, 'this is no Parquet file');
    await expect(openDataset({ format: 'parquet', annotations: broken })).rejects.toThrow(
      `cannot read ${broken} as Parquet (`,
    );
  });
});

describe('webdataset', () => {
  const long = `${'a-long-folder/'.repeat(12)}0002`;

  /** An archive of GNU tar. */
  function makeTar(format: 'ustar' | 'pax' | 'gnu'): string {
    const folder = newPath('');
    const write = (name: string, content: string | Uint8Array) => {
      const path = join(folder, name);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, content);
      return name;
    };
    const files = [
      write('0000.jpg', Uint8Array.of(0xff, 0xd8)),
      write('0000.txt', 'a cat\n'),
      write('0001.json', '{"caption": ["a dog", "two dogs"], "id": "dog"}'),
      write('0001.png', 'p'.repeat(600)),
      write('0001.seg.npy', 'left out'),
      write(`${long}.wav`, 'RIFF'),
      write(`${long}.json`, '{"question": "what?", "answer": "rain"}'),
    ];
    const archive = newPath('.tar');
    execFileSync('tar', [`--format=${format}`, '-cf', archive, '-C', folder, '--no-recursion', ...files]);
    return archive;
  }

  it.each(['ustar', 'pax', 'gnu'] as const)('reads %s archives of GNU tar', async (format) => {
    const annotations = makeTar(format);
    const samples = await all(await openDataset({ format: 'webdataset', annotations }));
    expect(samples.map(({ id, text }) => ({ id, text }))).toEqual([
      { id: '0000', text: { captions: ['a cat'] } },
      { id: 'dog', text: { captions: ['a dog', 'two dogs'] } },
      { id: long, text: { questions: [{ question: 'what?', answers: ['rain'] }] } },
    ]);
    expect(samples[0]!.media).toEqual({
      image: { kind: 'bytes', data: Uint8Array.of(0xff, 0xd8), name: `0000.jpg of ${annotations}, 0000` },
    });
    expect(samples[1]!.media.image).toMatchObject({ data: new Uint8Array(600).fill(0x70) });
    expect(samples[2]!.media.audio).toMatchObject({
      kind: 'bytes',
      data: new Uint8Array(Buffer.from('RIFF')),
    });
  });

  it('reads runs of 16 samples of several archives', async () => {
    const folder = newPath('');
    mkdirSync(folder);
    for (const [archive, count] of [
      ['a', 20],
      ['b', 3],
    ] as const) {
      const files = Array.from({ length: count }, (_, n) => `${archive}${String(n).padStart(2, '0')}.txt`);
      for (const name of files) writeFileSync(join(folder, name), name);
      execFileSync('tar', ['-cf', join(folder, `${archive}.tar`), '-C', folder, ...files]);
    }
    const dataset = await openDataset({ format: 'webdataset', annotations: folder });
    expect(dataset.runs!.starts).toEqual(Float64Array.of(0, 16, 20));
    const ids = (await all(dataset)).map(({ id }) => id);
    expect([ids[0], ids[16], ids[19], ids[20], ids[22]]).toEqual(['a00', 'a16', 'a19', 'b00', 'b02']);
  });

  it('says what is cut off, damaged or no archive', async () => {
    const cut = makeTar('ustar');
    for (const [size, where] of [
      [3700, '0001.png'],
      [2100, 'the middle'],
      [1700, 'the middle'],
    ] as const) {
      truncateSync(cut, size);
      await expect(openDataset({ format: 'webdataset', annotations: cut })).rejects.toThrow(
        `${cut} was cut off in ${where}: it ends at byte ${size}; get the file again`,
      );
    }
    const none = newPath('.tar');
    writeFileSync(none, 'x'.repeat(2000));
    await expect(openDataset({ format: 'webdataset', annotations: none })).rejects.toThrow(
      `${none} is no tar archive, or is damaged at byte 0; `,
    );
    const json = newPath('');
    mkdirSync(json);
    writeFileSync(join(json, '1.json'), '{"caption": ');
    writeFileSync(join(json, '2.txt'), 'fine');
    const annotations = newPath('.tar');
    execFileSync('tar', ['-cf', annotations, '-C', json, '1.json', '2.txt']);
    const dataset = await openDataset({ format: 'webdataset', annotations });
    await expect(dataset.sample(0)).rejects.toThrow(`${annotations}, 1.json is not JSON (`);
    expect((await dataset.sample(1)).text.captions).toEqual(['fine']);
  });
});
