import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdapter, saveAdapter } from '@ocelli/adapters';
import { Random, weightTypes } from '@ocelli/ops';
import { expect, test } from 'vitest';
import { makeOwnPictures } from '../../test/own-pictures.js';
import { makeTinyBackbones } from '../../test/tiny-backbones.js';
import { weightTypeNames } from '../cli/adapter-options.js';
import { openData } from '../data/open-data.js';
import { readSamples } from '../data/read-samples.js';
import { locateBackbones } from '../pipelines/locate-backbones.js';
import { openBackbones } from '../pipelines/open-backbones.js';
import { silentReporter } from '../progress/progress-reporter.js';
import { compareDtypes, dtypeTable } from './compare-dtypes.js';

const root = mkdtempSync(join(tmpdir(), 'ocelli-dtypes-'));

test('gives the loss of every weight type, float32 first, smaller ones further off', async () => {
  const directory = join(root, 'pictures');
  makeOwnPictures(directory);
  const backbones = openBackbones(await locateBackbones(await makeTinyBackbones(root)));
  const { languageModel, encoder, names } = backbones;
  const context = { languageModel: languageModel.config, encoder: encoder.config, random: new Random(3) };
  const adapter = createAdapter('epalm', { features: 1, startLayer: 1, endLayer: 3 }, context);
  await saveAdapter(join(root, 'adapter'), adapter, {
    encoder: { name: names.encoder, fingerprint: encoder.fingerprint },
    languageModel: { name: names.languageModel, fingerprint: languageModel.fingerprint },
  });
  adapter.dispose();
  backbones.dispose();

  const losses = await compareDtypes(
    { adapter: join(root, 'adapter') },
    (config) => openData({ format: 'folder', directory }, config).then((data) => readSamples(data)),
    { reporter: silentReporter },
  );
  expect(losses.map(({ dtype }) => dtype)).toEqual(weightTypes);
  const of = (dtype: string) => losses.find((row) => row.dtype === dtype)!;
  expect(of('float32').difference).toBe(0);
  for (const row of losses) expect(row.difference).toBeCloseTo(row.loss - of('float32').loss, 12);
  // Rounded to 11, 8 and about 3 bits: the difference of a smooth loss is of that order.
  expect(Math.abs(of('float16').difference)).toBeLessThan(2 ** -10);
  expect(Math.abs(of('bfloat16').difference)).toBeLessThan(2 ** -7);
  expect(Math.abs(of('int8').difference)).toBeLessThan(2 ** -6);
  for (const dtype of ['fp8', 'nf4', 'fp4']) {
    expect(Math.abs(of(dtype).difference)).toBeGreaterThan(Math.abs(of('float16').difference));
    expect(Math.abs(of(dtype).difference)).toBeLessThan(0.5);
  }
  for (const { dtype, bytes } of losses.slice(1)) expect(bytes, dtype).toBeLessThan(of('float32').bytes);
  expect(dtypeTable(losses).split('\n').slice(-weightTypes.length)[0]).toMatch(/float32 .*\+0\.00000/);
});

test('the options of the command line are the types that there are', () => {
  expect(weightTypeNames).toEqual(weightTypes);
});
