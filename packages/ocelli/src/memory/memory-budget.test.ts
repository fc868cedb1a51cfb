// Plans against what the device really holds, on random backbones and four pictures.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { device } from '@ocelli/ops';
import { beforeAll, expect, test } from 'vitest';
import { makeOwnPictures } from '../../test/own-pictures.js';
import { makeTinyBackbones, type TinyBackbones } from '../../test/tiny-backbones.js';
import { readConfig } from '../config/read-config.js';
import { trainFromConfig } from '../train/train-from-config.js';
import { formatBytes, parseBytes } from './format-bytes.js';
import { planFromConfig } from './plan-from-config.js';

const root = mkdtempSync(join(tmpdir(), 'ocelli-memory-'));
let backbones: TinyBackbones;
let count = 0;

function config(budget?: number) {
  const name = `config-${count++}`;
  const path = join(root, `${name}.yaml`);
  writeFileSync(
    path,
    [
      `encoder: ${backbones.encoder}`,
      `languageModel: ${backbones.languageModel}`,
      'adapter: { method: limber }',
      'data: { train: { format: folder, directory: pictures } }',
      'training:',
      '  steps: 3',
      ...(budget === undefined ? [] : [`  memoryBudget: ${budget / 2 ** 20} MiB`]),
      `output: ${name}`,
    ].join('\n'),
  );
  return readConfig(path);
}

async function train(budget?: number): Promise<{ peak: number; messages: string[]; loss: number | null }> {
  await device.emptyCache();
  const before = device.memory().allocated;
  device.resetPeakMemory();
  const messages: string[] = [];
  const { loss } = await trainFromConfig(config(budget), {
    reporter: { stage: () => ({ update: () => {}, finish: () => {} }) },
    onMessage: (message) => messages.push(message),
  });
  return { peak: device.memory().peak - before, messages, loss };
}

beforeAll(async () => {
  backbones = await makeTinyBackbones(root);
  makeOwnPictures(join(root, 'pictures'));
});

test('the plan of a configuration is what training it takes, within a tenth', async () => {
  const before = device.memory();
  const plan = await planFromConfig(config());
  expect(device.memory()).toEqual(before); // nothing was loaded
  const { peak, messages } = await train();
  expect(messages).toEqual([]);
  expect(plan.recomputed.size).toBe(0);
  expect(plan.step.layers.every((bytes) => bytes > 0)).toBe(true);
  expect(Math.abs(plan.total - plan.featureTable - peak)).toBeLessThan(0.1 * peak);
});

test('a budget recomputes no more blocks than it has to, with the same loss, and less memory', async () => {
  const full = await planFromConfig(config());
  const saved = full.step.layers[0]!;
  const budget = full.total - Math.floor(saved / 2);
  const plan = await planFromConfig(config(budget));
  expect([...plan.recomputed]).toEqual([0]);
  expect(plan.total).toBeLessThanOrEqual(budget);
  const [free, limited] = [await train(), await train(budget)];
  expect(limited.loss).toBe(free.loss);
  expect(limited.peak).toBeLessThan(free.peak);
  expect(limited.messages).toHaveLength(1);
  expect(limited.messages[0]).toMatch(
    /^memory budget .* KiB: 1 of 3 blocks of the language model compute their activations twice \(planned .* KiB\)$/,
  );
});

test('a budget that no recomputation meets is an error that says what takes the memory', async () => {
  await expect(train(2 ** 16)).rejects.toThrow(
    /\[memory\] training.memoryBudget is 64\.0 KiB, the least possible is .* frozen weights .* with every block recomputed; lower training.batchSize, or raise the budget$/,
  );
});

test.each([
  ['2 GiB', 2 ** 31],
  ['1.5 GiB', 1.5 * 2 ** 30],
  ['800MiB', 800 * 2 ** 20],
])('%s is %i bytes', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
  expect(parseBytes(formatBytes(bytes))).toBe(bytes);
});
