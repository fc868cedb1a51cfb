import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFeatures, generate, generateReference } from '@ocelli/backbones';
import { gatherRows, readSafetensorsArrays, type Tensor, tensor } from '@ocelli/ops';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Adapter,
  loadAdapter,
  parseReleasedEpalmConfig,
  readAdapterConfig,
  readReleasedEpalm,
  releasedImageProcessor,
  saveAdapter,
} from '../src/index.js';
import { backbones, fixturePath } from './support.js';

const name = 'epalm-reference-generation';
const golden = JSON.parse(readFileSync(fixturePath(name, 'generation.json'), 'utf8')) as {
  config: Record<string, unknown>;
  prompts: number[][];
  cases: { beams: number; answers: { ids: number[]; score: number }[] }[];
};
const checkpoint = fixturePath(name, 'checkpoint_best.pth');
const parse = (change: Record<string, unknown> = {}) =>
  parseReleasedEpalmConfig({ ...golden.config, ...change }, 'config.yaml');

describe('the released eP-ALM', () => {
  const models = backbones();
  const config = parse();
  let adapter: Adapter;
  let features: Tensor;
  beforeAll(async () => {
    const released = await readReleasedEpalm(checkpoint, models);
    expect(released.config).toEqual(config);
    adapter = released.adapter;
    const pixels = readSafetensorsArrays(fixturePath(name, 'fixture.safetensors')).get('pixel_values')!;
    features = encodeFeatures(models.encoder, tensor(pixels.data, pixels.shape), adapter.features);
  });
  afterAll(() => {
    adapter.dispose();
    features.dispose();
  });
  const call = {
    prompts: golden.prompts,
    hooks: (rows: Int32Array) => adapter.hooks(gatherRows(features, tensor(rows))),
  };

  it.each(golden.cases)('decodes as the authors do ($beams beams)', async ({ beams, answers }) => {
    const found = await generateReference(models.languageModel, {
      ...call,
      beams,
      maxLength: config.maxLength,
    });
    expect(found.map(({ ids }) => ids)).toEqual(answers.map(({ ids }) => ids));
    for (const [index, { score }] of answers.entries()) expect(found[index]!.score).toBeCloseTo(score, 4);
  });

  it('decodes otherwise by default: no answer depends on the padding of its batch', async () => {
    const options = { beams: 3, maxNewTokens: 10, cached: false };
    const together = await generate(models.languageModel, { ...call, ...options });
    const short = golden.prompts.findIndex(({ length }) => length === 3);
    const [alone] = await generate(models.languageModel, {
      prompts: [golden.prompts[short]!],
      hooks: (rows) => call.hooks(rows.map(() => short)),
      ...options,
    });
    expect(together[short]!.ids).toEqual(alone!.ids);
    const released = (ids: number) => golden.cases[1]!.answers[ids]!.ids;
    expect(together.some(({ ids }, index) => ids.join() !== released(index).join())).toBe(true);
  });

  it('stops when asked, and refuses lengths without room for an answer', async () => {
    const stopped = generateReference(models.languageModel, { ...call, signal: AbortSignal.abort() });
    await expect(stopped).rejects.toThrow(/abort/);
    const tight = generateReference(models.languageModel, { ...call, maxLength: 6 });
    await expect(tight).rejects.toThrow(
      "maxLength must be a whole number above the longest prompt's 6 tokens, got 6",
    );
  });

  it('names what a checkpoint lacks, has too much, or holds in another shape', async () => {
    const read = (change: Record<string, unknown>) =>
      readReleasedEpalm(checkpoint, models, { config: { ...golden.config, ...change } });
    await expect(read({ injected_hidden_states: 5, start_layer_idx: 0 })).rejects.toThrow(
      /checkpoint_best.pth lacks connector.4.weight, connector.4.bias;/,
    );
    await expect(read({ injected_hidden_states: 2, mlp: false })).rejects.toThrow(
      /has connector.2.weight, .*prompt_module.prefix_embedding.1.weight, .*which this adapter does not have/,
    );
    await expect(read({ prompt_len: 7 })).rejects.toThrow(
      'tensor "prompt_module.prefix_embedding.0.weight" is [10, 32], the configuration makes it [7, 32]',
    );
    await expect(readReleasedEpalm(fixturePath(name, 'fixture.safetensors'), models)).rejects.toThrow(
      'fixture.safetensors',
    );
  });

  it('is saved as ours, and loaded back the same', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ocelli-released-'));
    const identity = {
      languageModel: { name: 'opt', fingerprint: models.languageModel.fingerprint },
      encoder: { name: 'vit', fingerprint: models.encoder.fingerprint },
    };
    const inputs = { imageProcessor: releasedImageProcessor(24), answerToken: '</a>', questionSuffix: '?' };
    await saveAdapter(folder, adapter, identity, inputs);
    expect(readAdapterConfig(folder).inputs).toEqual(inputs);
    const again = loadAdapter(folder, models);
    expect(again.config).toEqual(adapter.config);
    for (const [parameter, { tensor: values }] of again.parameters) {
      expect(await values.data()).toEqual(await adapter.parameters.get(parameter)!.tensor.data());
    }
    again.dispose();
    rmSync(folder, { recursive: true });
  });
});

describe('a configuration of the released eP-ALM', () => {
  it('reads in our terms', () => {
    expect(parse()).toEqual({
      adapter: {
        features: 4,
        startLayer: 1,
        endLayer: 5,
        sharedProjection: false,
        layerStep: 1,
        oncePerFeature: false,
        prompt: { length: 10, mlp: true },
        compat: 'reference',
      },
      imageSize: 24,
      answerToken: '</a>',
      beams: 3,
      maxLength: 16,
    });
    expect(parse({ shared_connector: true, mlp: false }).adapter).toMatchObject({
      sharedProjection: true,
      prompt: { length: 10, mlp: false },
    });
    expect(parse({ prompt_tuning: false }).adapter.prompt.length).toBe(0);
    expect(parse({ num_beams: null, special_answer_token: null })).toMatchObject({
      beams: null,
      answerToken: null,
    });
  });

  it.each([
    [{ end_layer_idx: undefined }, 'end_layer_idx'],
    [{ deep: true }, 'deep'],
    [{ use_adapters: true }, 'use_adapters'],
    [{ unfreeze_text_layer_norm: true }, 'unfreeze_text_layer_norm'],
    [{ connector_type: 'mlp' }, 'connector_type'],
    [{ shared_connector: false }, 'shared_connector is false'],
    [{ prompt_len: null }, 'there is no prompt_len'],
  ])('refuses %j', (change, message) => {
    expect(() => parse(change)).toThrow(message);
    expect(() => parse(change)).toThrow('[epalm] config.yaml');
  });
});
