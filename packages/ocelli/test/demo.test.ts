import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { demoReport } from '../src/demo/demo-report.js';
import { exampleLines, floorLines, resultTable } from '../src/demo/demo-text.js';
import {
  changeSettings,
  type DemoOutcome,
  defaultMethods,
  defaultSettings,
  demoResultSchema,
  modalities,
  runDemo,
} from '../src/demo/index.js';
import { openModel } from '../src/index.js';
import { silentReporter } from '../src/progress/progress-reporter.js';
import { renderReport } from '../src/report/index.js';
import { makeTinyBackbones, type TinyBackbones } from './tiny-backbones.js';

const root = mkdtempSync(join(tmpdir(), 'ocelli-demo-'));
const settings = changeSettings(defaultSettings, [
  'trainSamples=12',
  'heldOutSamples=6',
  'questionedSamples=3',
  'steps=3',
  'batchSize=4',
  'warmUp=1',
  'maxNewTokens=4',
  'probe.epochs=2',
  ...['epalm', 'epalm-shared', 'blind'].map(
    (name) =>
      `${name}.config={"features":2,"startLayer":0,"sharedProjection":${name === 'epalm-shared'},"prompt":{"length":10}}`,
  ),
]);
let backbones: TinyBackbones;
let outcome: DemoOutcome;

beforeAll(async () => {
  backbones = await makeTinyBackbones(root);
  outcome = await runDemo({
    modality: modalities.image,
    settings,
    methods: defaultMethods,
    splits: ['unseen-artist', 'validation'],
    seeds: [0, 1],
    output: root,
    featureCache: join(root, 'features'),
    ...backbones,
    reporter: silentReporter,
  });
}, 300_000);

test('the result fits its schema and has every method on every split', () => {
  const result = demoResultSchema.parse(JSON.parse(JSON.stringify(outcome.result)));
  expect(Object.keys(result.splits)).toEqual(['unseen-artist', 'validation']);
  for (const methods of Object.values(result.splits))
    expect(Object.keys(methods)).toEqual([...defaultMethods]);
  expect(Object.keys(result.floors.blind)).toEqual(['unseen-artist', 'validation']);
  expect(Object.keys(result.floors.majority['unseen-artist']!)).toEqual([
    'object',
    'count',
    'colour',
    'kind',
    'presence',
  ]);
  expect(result.seeds).toEqual([0, 1]);
  expect(result.perSeed).toHaveLength(2);
});

test('the mean over seeds is the mean of what each seed gave', () => {
  const { splits, perSeed } = outcome.result;
  const cider = perSeed.map((seed) => seed['unseen-artist']!.limber!.cider);
  expect(splits['unseen-artist']!.limber!.cider).toBeCloseTo((cider[0]! + cider[1]!) / 2, 12);
});

test('counts of trained parameters are those of the methods', () => {
  const methods = outcome.result.splits['unseen-artist']!;
  const projection = 16 * 16 + 16;
  const prompt = 10 * 16;
  expect(methods.epalm!.trainableParameters).toBe(2 * projection + prompt);
  expect(methods['epalm-shared']!.trainableParameters).toBe(projection + prompt);
  expect(methods.limber!.trainableParameters).toBe(projection);
  expect(methods.promptfuse!.trainableParameters).toBe(prompt);
});

test('adapters are saved for the methods, not for the floor, and can be opened', async () => {
  expect(readdirSync(join(root, 'adapters')).sort()).toEqual([...defaultMethods].sort());
  using model = await openModel({ adapter: join(root, 'adapters', 'epalm') });
  const { sample, captions } = outcome.examples[0]!;
  expect(await model.caption(sample.media, { maxNewTokens: 4 })).toBe(captions.epalm);
});

test('text and report have every method', async () => {
  const html = renderReport(await demoReport(outcome, modalities.image.words));
  const text = `${resultTable(outcome.result, 'unseen-artist')}${floorLines(outcome.result)}${await exampleLines(outcome, modalities.image.words)}`;
  for (const name of defaultMethods) expect(text).toContain(name);
  for (const label of ['LiMBeR(1)', 'PromptFuse', 'MAGMA', 'Linear probe', 'Majority answer'])
    expect(html).toContain(label);
});

test('a method or split that is not known is an error before anything is computed', async () => {
  const run = runDemo({
    modality: modalities.image,
    settings,
    methods: ['epalmm'],
    splits: [],
    seeds: [0],
    encoder: '/nowhere',
    reporter: silentReporter,
  });
  await expect(run).rejects.toThrow('there is no method "epalmm"; did you mean "epalm"?');
});
