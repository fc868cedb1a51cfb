// Whatever is done to an annotation file, reading it gives samples or a DatasetError, never another error.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parquetWriteFile } from 'hyparquet-writer';
import { expect, it } from 'vitest';
import { DatasetError } from '../dataset-error.js';
import { type DatasetConfig, openDataset } from '../open-dataset.js';
import { randomFrom } from '../random.js';
import { datasetFormats } from './registry.js';

const directory = mkdtempSync(join(tmpdir(), 'ocelli-damaged-'));
const fixtures = join(directory, 'whole');
cpSync(fileURLToPath(new URL('../../test/fixtures/formats', import.meta.url)), fixtures, { recursive: true });
execFileSync('tar', ['-cf', join(fixtures, 'rows.tar'), '-C', fixtures, 'youtube_mapping.txt']);
parquetWriteFile({
  filename: join(fixtures, 'rows.parquet'),
  columnData: [
    { name: 'image', data: ['a.jpg', 'b.jpg'], type: 'STRING' },
    { name: 'caption', data: ['a cat', 'a dog'], type: 'STRING' },
  ],
});
const files = readdirSync(fixtures, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.includes('.'),
);
const formats = datasetFormats.map(({ name }) => name).filter((name) => name !== 'folder');

/** A file that was cut off, in which bytes changed, or a part of which stands twice. */
function damage(content: Buffer, random: () => number): Buffer {
  const place = () => Math.floor(random() * content.length);
  const kind = Math.floor(random() * 3);
  if (kind === 0) return content.subarray(0, place());
  if (kind === 1) {
    const changed = Buffer.from(content);
    const signs = Buffer.from('{}[]",:\\0 \n\tx\xff', 'latin1');
    for (let i = 0; i < 3; i++) changed[place()] = signs[Math.floor(random() * signs.length)]!;
    return changed;
  }
  const [from, to] = [place(), place()].sort((one, other) => one - other) as [number, number];
  return Buffer.concat([content.subarray(0, to), content.subarray(from)]);
}

/** Opens and reads a file; what is wrong with it, if anything. */
async function errorOf(config: unknown, onBroken?: (error: DatasetError) => void): Promise<unknown> {
  try {
    const dataset = await openDataset(config as DatasetConfig, onBroken ? { onBroken } : {});
    for (let index = 0; index < dataset.length; index++) await dataset.sample(index);
    return null;
  } catch (error) {
    return error;
  }
}

it.each(formats)('%s', async (format) => {
  const random = randomFrom(`damage/${format}`);
  const required: Record<string, unknown> = { format, checkMedia: false };
  const { fields } = datasetFormats.find(({ name }) => name === format)!;
  for (const folder of ['images', 'videos', 'audios']) if (folder in fields) required[folder] = 'media';
  if ('split' in fields) required.split = format === 'nlvr' ? 'dev' : 'train';
  const configFor = (path: string) => ({
    ...required,
    ...('annotations' in fields && { annotations: path }),
    ...('questions' in fields && { questions: path, annotations: undefined }),
  });

  // Files of other formats are refused, or happen to fit.
  const own: string[] = [];
  for (const name of files) {
    const error = await errorOf(configFor(join(fixtures, name)));
    if (error === null) own.push(name);
    else expect(error, name).toBeInstanceOf(DatasetError);
  }
  let rejected = 0;
  for (let turn = 0; turn < 100; turn++) {
    const name = own[turn % own.length] ?? files[turn % files.length]!;
    const path = join(directory, `${format}-${turn}-${basename(name)}`);
    writeFileSync(path, damage(readFileSync(join(fixtures, name)), random));
    const error = await errorOf(configFor(path));
    if (error !== null) {
      rejected++;
      expect(error, `${name}, turn ${turn}`).toBeInstanceOf(DatasetError);
      expect((error as Error).message).toMatch(/^\[dataset\] .*; .+$/s);
    }
    // Reporting in place of throwing ends in samples or in the sentence that there are none.
    const reported = await errorOf(configFor(path), () => {});
    if (reported !== null) expect(reported, `${name}, turn ${turn}, reported`).toBeInstanceOf(DatasetError);
  }
  expect(rejected).toBeGreaterThan(10);
  expect(own).not.toEqual([]);
});
