// Features that were made beforehand change nothing in a training but its time.
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { device } from '@ocelli/ops';
import { beforeAll, describe, expect, test } from 'vitest';
import { hasFfmpeg, makeTone, makeVideo } from '../../test/media-files.js';
import { makeOwnPictures } from '../../test/own-pictures.js';
import { makeTinyBackbones, type TinyBackbones } from '../../test/tiny-backbones.js';
import { makeTinyEncoder } from '../../test/tiny-encoders.js';
import { type OcelliConfig, readConfig } from '../config/read-config.js';
import { type ProgressReporter, silentReporter } from '../progress/progress-reporter.js';
import { trainFromConfig } from '../train/train-from-config.js';
import { encodeData, encodeFromConfig } from './encode-from-config.js';

const root = mkdtempSync(join(tmpdir(), 'ocelli-encode-'));
let backbones: TinyBackbones;

beforeAll(async () => {
  backbones = await makeTinyBackbones(root);
  makeOwnPictures(join(root, 'image'));
});

interface Choice {
  readonly encoder: string;
  /** Folder of the data. */
  readonly data: string;
  readonly method?: string;
  readonly training?: string;
  readonly extra?: string;
}

function configure(name: string, { encoder, data, method, training = '', extra = '' }: Choice): OcelliConfig {
  const path = join(root, `${name}.yaml`);
  const lines = [
    `encoder: ${encoder}`,
    `languageModel: ${backbones.languageModel}`,
    `adapter: ${method ?? '{ method: epalm, features: 2, startLayer: 1, endLayer: 3 }'}`,
    `data: { train: { format: folder, directory: ${data} }, validation: { format: folder, directory: ${data} }, broken: skip }`,
    `training: { steps: 12, batchSize: 3, learningRate: 5e-2${training} }`,
    `output: out/${name}`,
    extra,
  ];
  writeFileSync(path, lines.join('\n'));
  return readConfig(path);
}

/** What a training leaves, and the last note of each of its stages. */
async function trained(config: OcelliConfig) {
  const notes: Record<string, string | undefined> = {};
  const reporter: ProgressReporter = {
    stage: (label) => ({
      update: (_done, note) => {
        notes[label] = note;
      },
      finish: () => undefined,
    }),
  };
  await trainFromConfig(config, { reporter });
  const read = (file: string) => readFileSync(join(config.output, file));
  const steps = read('metrics.jsonl')
    .toString()
    .trim()
    .split('\n')
    .map((line) => ({ ...(JSON.parse(line) as object), seconds: null }));
  return {
    files: [read('adapter/adapter_model.safetensors'), read('adapter/adapter_config.json'), steps],
    notes: [notes['features of data.train'], notes['features of data.validation']],
  };
}

/** Writes `captions.jsonl` of some files, each named after what is said of it. */
function caption(folder: string, kind: string, names: readonly string[]): void {
  const lines = names.map((name) => JSON.stringify({ [kind]: name, caption: name.replace(/\..*/, '') }));
  writeFileSync(join(folder, 'captions.jsonl'), `${lines.join('\n')}\n`);
}

describe('a training from a filled cache leaves the bytes of one without', () => {
  async function compare(name: string, choice: Choice, samples: number): Promise<void> {
    const without = await trained(configure(`${name}-without`, choice));
    expect(without.notes[0]).toBe('cache hits 0 %');
    const config = configure(`${name}-with`, choice);
    const summary = await encodeFromConfig(config, { reporter: silentReporter });
    // Validation is the same data here, so its features are there already.
    expect(summary).toMatchObject({ samples: 2 * samples, computed: samples, hits: samples, broken: 0 });
    expect(await encodeFromConfig(config, { reporter: silentReporter })).toMatchObject({
      computed: 0,
      hits: 2 * samples,
      bytes: summary.bytes,
    });
    const from = await trained(config);
    expect(from.notes).toEqual(['cache hits 100 %', 'cache hits 100 %']);
    expect(from.files).toEqual(without.files);
  }

  test('on pictures', async () => {
    await compare('image', { encoder: backbones.encoder, data: 'image' }, 4);
  });

  test('on all tokens of pictures', async () => {
    const method = '{ method: limber, tokens: all }';
    await compare('tokens', { encoder: backbones.encoder, data: 'image', method }, 4);
  });

  test('on sound', async () => {
    const folder = join(root, 'audio');
    mkdirSync(folder);
    for (const frequency of [300, 900, 2500]) makeTone(join(folder, `tone${frequency}.wav`), frequency);
    caption(folder, 'audio', ['tone300.wav', 'tone900.wav', 'tone2500.wav']);
    await compare('audio', { encoder: await makeTinyEncoder(root, 'audio'), data: 'audio' }, 3);
  });

  test.skipIf(!hasFfmpeg)('on videos', async () => {
    const folder = join(root, 'video');
    mkdirSync(folder);
    for (const frequency of [440, 2500]) makeVideo(join(folder, `film${frequency}.mp4`), frequency);
    caption(folder, 'video', ['film440.mp4', 'film2500.mp4']);
    const encoder = await makeTinyEncoder(root, 'video');
    // Both show the same picture, but their files differ.
    await compare('video', { encoder, data: 'video', extra: 'frames: 2' }, 2);
  });

  test('when only some of the features are there', async () => {
    makeOwnPictures(join(root, 'part'));
    caption(join(root, 'part'), 'image', ['blue.png', 'white.png']);
    const choice = { encoder: backbones.encoder, data: 'image' };
    const config = configure('part', choice);
    await encodeData(
      {
        encoder: backbones.encoder,
        data: { format: 'folder', directory: join(root, 'part') },
        tokens: 'class',
        featureCache: config.featureCache,
      },
      { reporter: silentReporter },
    );
    const part = await trained(config);
    expect(part.notes[0]).toBe('cache hits 50 %');
    expect(part.files).toEqual((await trained(configure('part-without', choice))).files);
  });
});

test('every version of a training is made, and what is broken is named once', async () => {
  makeOwnPictures(join(root, 'broken'));
  writeFileSync(join(root, 'broken/red.png'), 'no picture');
  const training = ', augmentation: { versions: 3 }';
  const config = configure('versions', { encoder: backbones.encoder, data: 'broken', training });
  const messages: string[] = [];
  const before = device.memory().allocated;
  const summary = await encodeFromConfig(config, {
    reporter: silentReporter,
    onMessage: (message) => void messages.push(message),
  });
  expect(device.memory().allocated).toBe(before);
  expect(summary.sets).toEqual([
    { place: 'data.train', samples: 4, versions: 3, hits: 0, computed: 9, broken: 1, unkept: 0 },
    { place: 'data.validation', samples: 4, versions: 1, hits: 0, computed: 3, broken: 1, unkept: 0 },
  ]);
  expect(messages).toHaveLength(2);
  expect(messages[0]).toMatch(/^data\.train: .*red\.png is left out: \[dataset\]/);
  expect((await trained(config)).notes).toEqual(['cache hits 100 %', 'cache hits 100 %']);
  const stop = { ...config, data: { ...config.data, broken: 'stop' as const } };
  await expect(encodeFromConfig(stop, { reporter: silentReporter })).rejects.toThrow('red.png');
});

test('a training on bfloat16 features is the same whether they were there or not', async () => {
  const extra = 'featureCache: { dtype: bfloat16, maxSize: 1 MB }';
  const choice = { encoder: backbones.encoder, data: 'image', extra };
  const without = await trained(configure('rounded-without', choice));
  const config = configure('rounded-with', choice);
  await encodeFromConfig(config, { reporter: silentReporter });
  expect((await trained(config)).files).toEqual(without.files);
});

test('a method that the encoder does not fit is said before anything is encoded', async () => {
  const method = '{ method: epalm, features: 9 }';
  const config = configure('unfit', { encoder: backbones.encoder, data: 'image', method });
  await expect(encodeFromConfig(config, { reporter: silentReporter })).rejects.toThrow(/features/);
});
