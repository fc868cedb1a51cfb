import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random, readSafetensors, writeSafetensors, zeros } from '@ocelli/ops';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Adapter, createAdapter } from './index.js';
import { loadAdapter, readAdapterConfig, saveAdapter } from './save.js';

const languageModel = {
  fingerprint: 'aaaa',
  config: {
    layers: 4,
    width: 12,
    embeddingWidth: 8,
    heads: 2,
    vocabularySize: 20,
    maxPositions: 16,
    beginId: 2,
    endId: 2,
    padId: 1,
  },
};
const encoder = {
  fingerprint: 'bbbb',
  config: {
    modality: 'image' as const,
    inputName: 'pixel_values' as const,
    inputShape: [3, 8, 8],
    layers: 3,
    width: 6,
    tokens: 5,
    hasClassToken: true,
  },
};
const identity = {
  languageModel: { name: 'facebook/opt-125m', fingerprint: 'aaaa' },
  encoder: { name: 'vit-base', fingerprint: 'bbbb' },
};
const backbones = { languageModel, encoder };

let folder: string;
let adapter: Adapter;
beforeEach(async () => {
  folder = join(mkdtempSync(join(tmpdir(), 'ocelli-save-')), 'adapter');
  const context = { languageModel: languageModel.config, encoder: encoder.config, random: new Random(3) };
  adapter = createAdapter('epalm', { prompt: { length: 2 } }, context);
  await saveAdapter(folder, adapter, identity);
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

const configPath = () => join(folder, 'adapter_config.json');
const tensorsPath = () => join(folder, 'adapter_model.safetensors');

function editConfig(edit: (config: Record<string, unknown>) => void): void {
  const config = JSON.parse(readFileSync(configPath(), 'utf8')) as Record<string, unknown>;
  edit(config);
  writeFileSync(configPath(), JSON.stringify(config));
}

/** Replaces the tensors, as an edit by other tools that keep the header's metadata. */
async function writeTensors(shapes: Readonly<Record<string, readonly number[]>>): Promise<void> {
  const { metadata } = readSafetensors(tensorsPath());
  await writeSafetensors(
    tensorsPath(),
    new Map(Object.entries(shapes).map(([name, shape]) => [name, zeros(shape)])),
    { metadata },
  );
}

const shapes = (): Record<string, readonly number[]> =>
  Object.fromEntries([...adapter.parameters].map(([name, { tensor }]) => [name, tensor.shape]));

describe('saving an adapter', () => {
  it('writes two files and leaves nothing else', () => {
    expect(readdirSync(folder).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
    expect(JSON.parse(readFileSync(configPath(), 'utf8'))).toEqual({
      format_version: 1,
      method: 'epalm',
      config: adapter.config,
      language_model: identity.languageModel,
      encoder: identity.encoder,
      package_version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    expect(
      Object.fromEntries(
        [...readSafetensors(tensorsPath()).tensors].map(([name, { shape }]) => [name, shape]),
      ),
    ).toEqual(shapes());
  });

  it('gives the same bytes for the same adapter, and replaces an older save', async () => {
    const before = [configPath(), tensorsPath()].map((path) => readFileSync(path));
    await saveAdapter(folder, adapter, identity);
    expect([configPath(), tensorsPath()].map((path) => readFileSync(path))).toEqual(before);
    const context = { languageModel: languageModel.config, encoder: encoder.config, random: new Random(3) };
    await saveAdapter(folder, createAdapter('limber', {}, context), identity);
    expect(loadAdapter(folder, backbones).name).toBe('limber');
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it('reads the configuration alone', () => {
    expect(readAdapterConfig(folder)).toMatchObject({
      method: 'epalm',
      languageModel: identity.languageModel,
    });
  });

  it('keeps how pictures and texts were prepared, and notices a change of that', async () => {
    expect(readAdapterConfig(folder).inputs).toEqual({});
    const inputs = {
      imageProcessor: { size: 8, resample: 3 },
      answerToken: '</a>',
      questionSuffix: '?',
      frames: 16,
    };
    await saveAdapter(folder, adapter, identity, inputs);
    expect(readAdapterConfig(folder).inputs).toEqual(inputs);
    loadAdapter(folder, backbones).dispose();
    editConfig((config) => {
      config.inputs = { question_suffix: '!' };
    });
    expect(() => loadAdapter(folder, backbones)).toThrow('are not of the same save');
  });

  it('keeps the old save if the new one fails', async () => {
    const before = readFileSync(tensorsPath());
    const broken = createAdapter(
      'limber',
      {},
      { languageModel: languageModel.config, encoder: encoder.config, random: new Random(3) },
    );
    broken.dispose();
    await expect(saveAdapter(folder, broken, identity)).rejects.toThrow('has been freed');
    expect(readFileSync(tensorsPath())).toEqual(before);
    expect(readdirSync(folder)).toHaveLength(2);
    expect(loadAdapter(folder, backbones).name).toBe('epalm');
  });

  it('refuses a file in place of a folder', async () => {
    await expect(saveAdapter(configPath(), adapter, identity)).rejects.toThrow(
      'is a file; give the path of a folder',
    );
  });
});

describe('loading an adapter', () => {
  it('accepts another name of the same backbones', () => {
    editConfig((config) => {
      config.language_model = { name: 'D:\\models\\opt', fingerprint: 'aaaa' };
      config.package_version = '9.9.9';
    });
    expect(loadAdapter(folder, backbones).name).toBe('epalm');
  });

  it('says that there is nothing', () => {
    expect(() => loadAdapter('/nowhere', backbones)).toThrow('[loadAdapter] there is no folder /nowhere');
    expect(() => loadAdapter(configPath(), backbones)).toThrow(
      'is not a folder; give the folder that adapter_config.json lies in',
    );
  });

  it.each(['adapter_config.json', 'adapter_model.safetensors'])('says that %s is missing', (name) => {
    rmSync(join(folder, name));
    expect(() => loadAdapter(folder, backbones)).toThrow(`has no ${name}; a saved adapter is`);
  });

  it('names an unknown method and the known ones', () => {
    editConfig((config) => {
      config.method = 'flamingo';
    });
    expect(() => loadAdapter(folder, backbones)).toThrow(
      /is of method "flamingo", which is not registered.*epalm, limber/,
    );
  });

  it('names both language models, or both encoders', () => {
    const other = { ...languageModel, fingerprint: 'cccc' };
    expect(() => loadAdapter(folder, { languageModel: other, encoder })).toThrow(
      /trained for the language model "facebook\/opt-125m" \(fingerprint aaaa\), but the given .* fingerprint cccc \(4 layers, width 12\)/,
    );
    expect(() =>
      loadAdapter(folder, { languageModel, encoder: { ...encoder, fingerprint: 'dddd' } }),
    ).toThrow(
      /trained for the encoder "vit-base" \(fingerprint bbbb\), but the given encoder has fingerprint dddd/,
    );
  });

  it('names tensors that are missing and unknown', async () => {
    const { 'connector.0.bias': bias, ...rest } = shapes();
    await writeTensors({ ...rest, extra: [2] });
    expect(() => loadAdapter(folder, backbones)).toThrow(
      /lacks connector\.0\.bias and has extra, which this adapter does not have/,
    );
    expect(bias).toEqual([12]);
  });

  it('names a tensor of another shape', async () => {
    await writeTensors({ ...shapes(), 'connector.0.weight': [12, 7] });
    expect(() => loadAdapter(folder, backbones)).toThrow(
      'tensor "connector.0.weight" is [12, 7], the configuration makes it [12, 6]',
    );
  });

  it('notices files of two saves', async () => {
    const tensors = readFileSync(tensorsPath());
    const context = { languageModel: languageModel.config, encoder: encoder.config, random: new Random(3) };
    await saveAdapter(
      folder,
      createAdapter('epalm', { prompt: { length: 2 }, compat: 'reference' }, context),
      identity,
    );
    writeFileSync(tensorsPath(), tensors); // as a crash between two renames would leave it
    expect(() => loadAdapter(folder, backbones)).toThrow('are not of the same save');
  });

  it('says what is wrong with the configuration', () => {
    writeFileSync(configPath(), '{"format_version": 1,');
    expect(() => loadAdapter(folder, backbones)).toThrow('adapter_config.json is not JSON');
    writeFileSync(configPath(), '{"format_version": 1, "method": "epalm"}');
    expect(() => loadAdapter(folder, backbones)).toThrow(
      /is not right; save the adapter again:[\s\S]*language_model/,
    );
    writeFileSync(configPath(), '{"format_version": 7}');
    expect(() => loadAdapter(folder, backbones)).toThrow(
      'has format version 7, this version of Ocelli reads up to 1; update',
    );
    writeFileSync(configPath(), 'null');
    expect(() => loadAdapter(folder, backbones)).toThrow('is not right; save the adapter again');
  });

  it('works in a folder that other things lie in', () => {
    mkdirSync(join(folder, 'notes'));
    expect(loadAdapter(folder, backbones).parameters.size).toBe(adapter.parameters.size);
    expect(existsSync(join(folder, 'notes'))).toBe(true);
  });
});
