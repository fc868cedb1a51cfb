import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createAdapter } from '@ocelli/adapters';
import { type Dataset, DatasetError, type Sample } from '@ocelli/datasets';
import { Random } from '@ocelli/ops';
import { ExampleOrder, train } from '@ocelli/training';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeOwnPictures } from '../../test/own-pictures.js';
import { makeTinyBackbones } from '../../test/tiny-backbones.js';
import { type OcelliConfig, readConfig } from '../config/read-config.js';
import { locateBackbones } from '../pipelines/locate-backbones.js';
import { type Backbones, openBackbones } from '../pipelines/open-backbones.js';
import { silentReporter } from '../progress/progress-reporter.js';
import { streamedTask } from './streamed-task.js';
import { trainFromConfig } from './train-from-config.js';

const root = mkdtempSync(join(tmpdir(), 'ocelli-streamed-'));
const colours = ['red', 'green', 'blue', 'white'];
let backbones: Backbones;
let names: { encoder: string; languageModel: string };

beforeAll(async () => {
  names = await makeTinyBackbones(root);
  backbones = openBackbones(await locateBackbones(names));
  makeOwnPictures(root);
  const rows = Array.from({ length: 150 }, (_, n) => {
    const colour = colours[n % 4]!;
    const captions = [`${colour} ${n}`, `number ${n}`];
    return n === 77 ? { image: 'gone.png', captions } : { image: `${colour}.png`, captions };
  });
  writeFileSync(join(root, 'rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
});
afterAll(() => {
  backbones.dispose();
  rmSync(root, { recursive: true });
});

function configure(name: string, settings = ''): OcelliConfig {
  const path = join(root, `${name}.yaml`);
  writeFileSync(
    path,
    [
      `encoder: ${names.encoder}`,
      `languageModel: ${names.languageModel}`,
      'adapter: { method: epalm, features: 1, startLayer: 1, endLayer: 3, prompt: { length: 8 } }',
      'data:',
      '  train: { format: jsonl, annotations: rows.jsonl }',
      '  streamed: true',
      '  broken: skip',
      'training: { steps: 24, batchSize: 10, learningRate: 1e-1, checkpointEvery: 5, augmentation: { versions: 2 } }',
      `output: out/${name}`,
    ].join('\n'),
  );
  return readConfig(path, settings || undefined);
}

const losses = ({ output }: OcelliConfig): number[] =>
  readFileSync(join(output, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .flatMap((line) => (JSON.parse(line) as { loss?: number }).loss ?? []);
const weights = ({ output }: OcelliConfig): Buffer =>
  readFileSync(join(output, 'adapter/adapter_model.safetensors'));

test('a streamed training that was stopped goes on to the bit, and names what is broken', async () => {
  const whole = configure('whole');
  const messages: string[] = [];
  const onMessage = (message: string): void => void messages.push(message);
  await trainFromConfig(whole, { reporter: silentReporter, onMessage });
  expect(losses(whole)).toHaveLength(24);
  const mean = (part: readonly number[]): number => part.reduce((sum, loss) => sum + loss, 0) / part.length;
  expect(mean(losses(whole).slice(-6))).toBeLessThan(mean(losses(whole).slice(0, 6)));
  // More than one epoch of 15 batches, and the broken one is met twice.
  expect(messages.filter((message) => message.includes('gone.png'))).toHaveLength(1);

  const stopped = configure('stopped');
  for (const step of [7, 17]) {
    const stop = new AbortController();
    const reporter = {
      stage: () => ({ update: (done: number) => done === step && stop.abort(), finish: () => {} }),
    };
    const { aborted } = await trainFromConfig(stopped, { reporter, resume: step > 7, signal: stop.signal });
    expect(aborted).toBe(true);
  }
  await trainFromConfig(stopped, { reporter: silentReporter, resume: true });
  expect(losses(stopped)).toEqual(losses(whole));
  expect(weights(stopped).equals(weights(whole))).toBe(true);

  await expect(
    trainFromConfig(configure('strict', 'data.broken=stop'), { reporter: silentReporter }),
  ).rejects.toThrow('gone.png');
  await expect(
    trainFromConfig(configure('none', 'data.use=questions'), { reporter: silentReporter }),
  ).rejects.toThrow('have no answered questions');
}, 300_000);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes in use after a collection, on the heap and in buffers. */
function memory(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test('ten million samples are trained on in bounded memory, in an order that can be entered anywhere', async () => {
  const length = 10_000_000;
  const asked = new Set<number>();
  const picture = { data: new Uint8Array(20 * 20 * 3).fill(80), width: 20, height: 20, channels: 3 } as const;
  /** Samples that are made when they are asked for, in runs of 64. */
  const dataset: Dataset = {
    name: 'ten million',
    length,
    runs: { starts: Float64Array.from({ length: length / 64 }, (_, run) => run * 64), kept: 1024 },
    async sample(index): Promise<Sample> {
      asked.add(index);
      if (index % 97 === 0) throw new DatasetError(`sample ${index} is broken`, 'replace it');
      const text = { captions: [`number ${index}`, `a picture`] };
      return { id: String(index), media: { image: { kind: 'pixels', ...picture } }, text };
    },
    // biome-ignore lint/correctness/useYield: reading all of it is what may not happen
    async *[Symbol.asyncIterator]() {
      throw new Error('all samples were read');
    },
  };
  const config = configure('large');
  const make = () => {
    const adapter = createAdapter(config.adapter.method, config.adapter.config, {
      languageModel: backbones.languageModel.config,
      encoder: backbones.encoder.config,
      random: new Random(0),
    });
    return { adapter, task: streamedTask({ config, backbones, adapter }, dataset, 'data.train') };
  };
  const before = memory();
  const checkpointDirectory = join(root, 'large-checkpoints');
  const run = async (directory: string, steps: number, onStep?: (step: number) => void) => {
    const { adapter, task } = make();
    const found: number[] = [];
    await train({
      task,
      steps,
      batchSize: 32,
      learningRate: 1e-3,
      checkpointDirectory: directory,
      resume: true,
      onStep: ({ step, loss }) => {
        found.push(loss);
        onStep?.(step);
      },
    });
    adapter.dispose();
    return found;
  };
  let [early, late] = [0, 0];
  const whole = await run(join(root, 'whole-checkpoints'), 60, (step) => {
    if (step === 20) early = memory();
    if (step === 60) late = memory();
  });
  // The order of 156,250 runs and a window of 65,536 samples are 1.2 MB.
  expect(early - before).toBeLessThan(24 * 2 ** 20);
  expect(late - early).toBeLessThan(2 * 2 ** 20);
  expect(asked.size).toBeGreaterThan(1900);
  expect(asked.size).toBeLessThan(2000);
  // From all over the data set.
  expect(Math.max(...asked)).toBeGreaterThan(0.9 * length);

  const first = await run(checkpointDirectory, 30);
  expect([...first, ...(await run(checkpointDirectory, 60))]).toEqual(whole);

  // The end of an epoch, and every index once, without reading them.
  const { adapter, task } = make();
  const order = new ExampleOrder({
    length,
    batchSize: 1000,
    seed: 3,
    batches: (context) => task.batches(context),
  });
  const seen = new Uint8Array(length);
  const middle: (readonly number[])[] = [];
  for (let position = 0; position < order.batchesPerEpoch; position++) {
    const batch = order.batchAt(position);
    for (const index of batch) seen[index]!++;
    if (position >= 7000 && position < 7003) middle.push(batch);
  }
  expect(seen.every((count) => count === 1)).toBe(true);
  expect([7000, 7001, 7002].map((position) => order.batchAt(position))).toEqual(middle);
  adapter.dispose();
}, 300_000);
