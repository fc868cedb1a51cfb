import { readFileSync } from 'node:fs';
import { encodeFeatures, type PackedTokens, packTokens, type TokenBatch } from '@ocelli/backbones';
import { type HostArray, Random, readSafetensorsArrays, type Tensor, tensor } from '@ocelli/ops';
import { type Adapter, createAdapter } from '../src/index.js';
import { type Backbones, backbones, fixturePath } from './support.js';

/** A setting of eP-ALM as `tools/golden` describes it. */
export interface GoldenSettings {
  languageModel: string;
  k: number;
  startLayer: number;
  endLayer: number;
  shared: boolean;
  promptLength: number;
  promptMlp: boolean;
  mode: 'clean' | 'reference';
  selectHigherStep: boolean;
  featureAtLayer: (number | null)[];
}

export interface GoldenMeta extends GoldenSettings {
  lossKind: 'sequenceSum' | 'tokenMean';
  lossWeight: number;
  lr: number;
  weightDecay: number;
  betas: [number, number];
  epsilon: number;
  expected: { lossSequenceSum: number; lossTokenMean: number; losses: number[]; lossAfterLastStep: number };
  withoutGradient: string[];
}

/** An adapter with PyTorch's initial values, and what PyTorch computed with it. */
export interface Golden<Meta> extends Backbones {
  readonly meta: Meta;
  readonly adapter: Adapter;
  readonly input: TokenBatch;
  /** `[batch, layers, 1, width]`, from the pixels by our encoder. */
  readonly features: Tensor;
  readonly stored: ReadonlyMap<string, HostArray>;
}

/** The eP-ALM configuration of a setting. */
export function epalmConfig(settings: GoldenSettings): unknown {
  return {
    features: settings.k,
    startLayer: settings.startLayer,
    endLayer: settings.endLayer,
    sharedProjection: settings.shared,
    oncePerFeature: settings.selectHigherStep,
    prompt: { length: settings.promptLength, mlp: settings.promptMlp },
    compat: settings.mode,
  };
}

export function loadGolden<Meta extends GoldenSettings>(name: string, json: string): Golden<Meta> {
  const meta = JSON.parse(readFileSync(fixturePath(name, json), 'utf8')) as Meta;
  const models = backbones(meta.languageModel.endsWith('opt-projected') ? 'opt-projected' : 'opt');
  const adapter = createAdapter('epalm', epalmConfig(meta), {
    languageModel: models.languageModel.config,
    encoder: models.encoder.config,
    random: new Random(0),
  });
  const initial = readSafetensorsArrays(fixturePath(name, 'initial.safetensors'));
  for (const [parameter, { data }] of initial)
    adapter.parameters.get(parameter)!.tensor.write(data as Float32Array);
  const stored = readSafetensorsArrays(fixturePath(name, 'fixture.safetensors'));
  const ids = stored.get('input_ids')!;
  const pixels = stored.get('pixel_values')!;
  const [batch, tokens] = ids.shape as [number, number];
  const mask = Uint8Array.from(stored.get('attention_mask')!.data);
  return {
    ...models,
    meta,
    adapter,
    input: { batch, tokens, ids: Int32Array.from(ids.data), mask },
    features: encodeFeatures(models.encoder, tensor(pixels.data, pixels.shape), adapter.features),
    stored,
  };
}

/** Both losses of the fixtures, read from the language model at the supervised positions only; padded or packed. */
export function goldenLoss(
  golden: Golden<GoldenMeta>,
  kind: GoldenMeta['lossKind'],
  packed: boolean,
): { loss: Tensor; weight: number } {
  const { languageModel, adapter, input, features, stored } = golden;
  const labels = stored.get('labels')!.data;
  const attended = Array.from(input.mask.keys()).filter((position) => input.mask[position]);
  const rowOf = (position: number): number => (packed ? attended.indexOf(position) : position);
  const rows: number[] = [];
  const targets: number[] = [];
  for (let row = 0; row < input.batch; row++) {
    for (let token = 0; token + 1 < input.tokens; token++) {
      const position = row * input.tokens + token;
      if (labels[position + 1] === -100) continue;
      rows.push(rowOf(position));
      targets.push(labels[position + 1]!);
    }
  }
  const call = {
    input: packed ? withoutPadding(input) : input,
    hooks: adapter.hooks(features),
    logitRows: tensor(Int32Array.from(rows)),
  };
  const reduction = kind === 'tokenMean' ? 'mean' : 'sum';
  const loss = languageModel.loss(call, tensor(Int32Array.from(targets)), { reduction });
  return { loss, weight: kind === 'tokenMean' ? 1 : 0.1 / input.batch };
}

function withoutPadding({ batch, tokens, ids, mask }: TokenBatch): PackedTokens {
  const samples = Array.from({ length: batch }, (_, row) =>
    ids.subarray(row * tokens, (row + 1) * tokens).filter((_, token) => mask[row * tokens + token]),
  );
  return packTokens(samples);
}
