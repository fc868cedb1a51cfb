import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { demoReport } from '../src/demo/demo-report.js';
import { exampleLines, floorLines, resultTable } from '../src/demo/demo-text.js';
import {
  changeSettings,
  type DemoModality,
  type DemoOutcome,
  defaultSettings,
  demoResultSchema,
  modalities,
  runDemo,
} from '../src/demo/index.js';
import { silentReporter } from '../src/progress/progress-reporter.js';
import { renderReport } from '../src/report/index.js';
import { makeTinyBackbones } from './tiny-backbones.js';
import { makeTinyEncoder } from './tiny-encoders.js';

const root = mkdtempSync(join(tmpdir(), 'ocelli-demo-modalities-'));
const narrow = '{"features":2,"startLayer":0,"prompt":{"length":1}}';
const settings = changeSettings(defaultSettings, [
  ...['trainSamples=8', 'heldOutSamples=4', 'questionedSamples=2', 'steps=2', 'batchSize=4', 'warmUp=1'],
  ...['maxNewTokens=4', 'probe.epochs=1'],
  ...['epalm', 'single-frame', 'blind'].map((name) => `${name}.config=${narrow}`),
]);
let languageModel: string;
beforeAll(async () => {
  ({ languageModel } = await makeTinyBackbones(root));
});

async function outcomeOf(modality: DemoModality): Promise<DemoOutcome> {
  return runDemo({
    modality,
    settings,
    methods: ['epalm', 'limber'],
    splits: modality.heldOutSplits.slice(0, 2),
    seeds: [0],
    output: join(root, modality.name),
    encoder: await makeTinyEncoder(root, modality.name === 'video' ? 'video' : 'audio'),
    languageModel,
    reporter: silentReporter,
  });
}

describe.each([
  ['video', ['object', 'motion', 'colour', 'kind', 'presence'], ['object', 'motion', 'colour', 'together']],
  [
    'audio',
    ['object', 'speaker', 'repetition', 'kind', 'presence'],
    ['object', 'speaker', 'repetition', 'together'],
  ],
] as const)('the demo of %s', (name, types, facts) => {
  const modality = modalities[name];
  let outcome: DemoOutcome;
  beforeAll(async () => {
    outcome = await outcomeOf(modality);
  }, 300_000);

  test('has a result that fits its schema, with floors and ceiling', () => {
    const result = demoResultSchema.parse(JSON.parse(JSON.stringify(outcome.result)));
    const splits = modality.heldOutSplits.slice(0, 2);
    expect(result.modality).toBe(name);
    expect(Object.keys(result.splits)).toEqual(splits);
    for (const split of splits) {
      expect(Object.keys(result.splits[split]!)).toEqual(['epalm', 'limber']);
      expect(Object.keys(result.floors.majority[split]!)).toEqual([...types]);
      expect(Object.keys(result.ceiling[split]!)).toEqual([...facts]);
    }
    expect(Object.keys(result.floors.singleFrame)).toEqual(name === 'video' ? splits : []);
    expect(Object.keys(result.floors.blind)).toEqual(splits);
  });

  test('has a report and lines for the terminal that name what there is', async () => {
    const html = renderReport(await demoReport(outcome, modality.words));
    const [split] = modality.heldOutSplits;
    const text = `${resultTable(outcome.result, split!)}${floorLines(outcome.result)}${await exampleLines(outcome, modality.words)}`;
    expect(html).toContain(modality.words.title);
    expect(text).toContain(modality.words.unseen);
    expect(text.includes('single-frame') && html.includes('Single-frame')).toBe(name === 'video');
    for (const type of types) expect(text).toContain(type);
  });
});

test('a single frame of a clip is given to the floor only, and says less than the clip', async () => {
  const asked = { split: 'train', concepts: 'demo', size: 40, side: 16 } as const;
  const moving = await modalities.video.samples(asked);
  const still = await modalities.video.samples({ ...asked, still: true });
  expect(still.map(({ text }) => text)).toEqual(moving.map(({ text }) => text));
  const frames = async (list: typeof moving, index: number) => {
    const { video } = list[index]!.media;
    if (video?.kind !== 'rendered') throw new Error('a clip is rendered');
    const rendered = await video.render();
    return 'frames' in rendered
      ? rendered.frames.map(({ data }) => Buffer.from(data).toString('base64'))
      : [];
  };
  for (const index of moving.keys()) {
    expect(new Set(await frames(still, index)).size).toBe(1);
    const isStill = moving[index]!.text.questions[1]!.answers[0] === 'stays still';
    expect(new Set(await frames(moving, index)).size === 1).toBe(isStill);
  }
});
