// From files to an adapter to text, with encoders that see videos and hear sound.
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { arrayDataset, type Media, type Sample } from '@ocelli/datasets';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { hasFfmpeg, makeTone, makeVideo } from '../../test/media-files.js';
import { makeOwnPictures } from '../../test/own-pictures.js';
import { makeTinyBackbones, type TinyBackbones } from '../../test/tiny-backbones.js';
import { makeTinyEncoder } from '../../test/tiny-encoders.js';
import { type OcelliConfig, readConfig } from '../config/read-config.js';
import * as data from '../data/open-data.js';
import { evaluateModel } from '../evaluate/evaluate-model.js';
import { openModel } from '../pipelines/open-model.js';
import { silentReporter } from '../progress/progress-reporter.js';
import { trainFromConfig } from './train-from-config.js';

const root = mkdtempSync(join(tmpdir(), 'ocelli-media-training-'));
let backbones: TinyBackbones;

beforeAll(async () => {
  backbones = await makeTinyBackbones(root);
  makeOwnPictures(join(root, 'pictures'));
});
afterEach(() => vi.restoreAllMocks());

function configure(name: string, encoder: string, extra = ''): OcelliConfig {
  const path = join(root, `${name}.yaml`);
  const lines = [
    `encoder: ${encoder}`,
    `languageModel: ${backbones.languageModel}`,
    'adapter: { method: epalm, features: 1, startLayer: 1, endLayer: 3 }',
    `data: { train: { format: folder, directory: pictures }${extra.includes('skip') ? ', broken: skip' : ''} }`,
    'training: { steps: 60, batchSize: 2, learningRate: 5e-2 }',
    `output: out/${name}`,
    ...extra.split('\n').filter((line) => line !== 'skip'),
  ];
  writeFileSync(path, lines.join('\n'));
  return readConfig(path);
}

/** Trains on these samples in place of the configuration's folder. */
async function trainOn(config: OcelliConfig, samples: readonly Sample[]) {
  vi.spyOn(data, 'openData').mockResolvedValue(arrayDataset('test', samples));
  const messages: string[] = [];
  await trainFromConfig(config, {
    reporter: silentReporter,
    onMessage: (message) => void messages.push(message),
  });
  const losses = readFileSync(join(config.output, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { loss?: number }).loss)
    .filter((loss) => loss !== undefined);
  return { messages, losses };
}

const sample = (id: string, media: Media): Sample => ({
  id,
  media,
  text: { captions: [id], questions: [{ question: 'what?', answers: [id] }] },
});

test('an adapter learns from files which tone it hears, and tells it of a file', async () => {
  mkdirSync(join(root, 'tones'));
  const tones = { low: 300, high: 2500 };
  for (const [name, frequency] of Object.entries(tones))
    makeTone(join(root, 'tones', `${name}.wav`), frequency);
  const fileOf = (name: string) => join(root, 'tones', `${name}.wav`);
  const samples = Object.keys(tones).map((name) =>
    sample(name, { audio: { kind: 'file', path: fileOf(name) } }),
  );
  writeFileSync(fileOf('noise'), 'no sound');
  const broken = sample('noise', { audio: { kind: 'file', path: fileOf('noise') } });
  const config = configure('tones', await makeTinyEncoder(root, 'audio'), 'skip');
  const { messages, losses } = await trainOn(config, [...samples, broken]);
  expect(messages).toHaveLength(1);
  expect(messages[0]).toContain('data.train: noise is left out: [dataset]');
  expect(losses.at(-1)).toBeLessThan(losses[0]!);
  using model = await openModel({ adapter: config.output });
  // Each answer is likelier after its own tone than after the other.
  const likelihood = async (tone: string, answer: string) =>
    (await model.rank(fileOf(tone), 'what?', [answer]))[0]!.logProbability;
  for (const [own, other] of [
    ['low', 'high'],
    ['high', 'low'],
  ] as const)
    expect(await likelihood(own, own)).toBeGreaterThan(await likelihood(other, own));
  const options = { maxNewTokens: 6 };
  const captions = await model.captions(Object.keys(tones).map(fileOf), options);
  expect(captions).toHaveLength(2);
  expect(await model.captions([fileOf('high')], options)).toEqual([captions[1]]);
  expect(await model.answer(fileOf('low'), 'what?', options)).toEqual(
    await model.answer(samples[0]!.media, 'what?', options),
  );
  const evaluation = await evaluateModel(model, samples, { ...options, reporter: silentReporter });
  expect(evaluation.captions!.texts.map(({ caption }) => caption)).toEqual(captions);
  expect(evaluation.answers!.count).toBe(2);
  await expect(model.caption(fileOf('noise'))).rejects.toThrow('noise.wav');
  await expect(model.caption(join(root, 'pictures', 'red.png'))).rejects.toThrow(
    'the encoder takes audio, and there is image',
  );
}, 60_000);

test('versions of the same sound are drawn, the same in every run', async () => {
  const path = join(root, 'drawn.wav');
  makeTone(path, 700);
  const samples = [sample('a tone', { audio: { kind: 'file', path } })];
  const encoder = await makeTinyEncoder(root, 'audio');
  const run = async (name: string, varied: boolean) => {
    const config = configure(name, encoder);
    const versions = varied ? { augmentation: { versions: 3, flip: true } } : {};
    return (await trainOn({ ...config, training: { ...config.training, ...versions } }, samples)).losses;
  };
  const drawn = await run('drawn', true);
  expect(await run('drawn-again', true)).toEqual(drawn);
  expect(await run('not-drawn', false)).not.toEqual(drawn);
}, 60_000);

describe.skipIf(!hasFfmpeg)('an adapter on videos', () => {
  beforeAll(() => {
    makeVideo(join(root, 'test.mp4'));
    makeVideo(join(root, 'other.mp4'), 2500);
  });
  const file = (name: string) => ({ kind: 'file', path: join(root, name) }) as const;

  test.each(['video', 'image', 'audio'] as const)(
    'whose encoder takes %s',
    async (modality) => {
      const encoder = modality === 'image' ? backbones.encoder : await makeTinyEncoder(root, modality);
      const config = configure(`films-${modality}`, encoder, 'frames: 2');
      const samples = ['test', 'other'].map((name) => sample(name, { video: file(`${name}.mp4`) }));
      const { losses } = await trainOn(config, samples);
      expect(losses.at(-1)).toBeLessThan(losses[0]!);
      using model = await openModel({ adapter: config.output });
      // The number of frames is remembered with the adapter.
      expect(model.backbones.inputs.frames).toBe(2);
      if (modality === 'video') expect(model.backbones.encoder.config.inputShape[0]).toBe(2);
      const captions = await model.captions(
        ['test', 'other'].map((name) => join(root, `${name}.mp4`)),
        { maxNewTokens: 4 },
      );
      expect(await model.caption(samples[0]!.media, { maxNewTokens: 4 })).toBe(captions[0]);
    },
    60_000,
  );
});
