import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  formatShape,
  OcelliError,
  openCheckpoint,
  type Shape,
  sameShape,
  type TensorSource,
} from '@ocelli/ops';
import { architectures, type Backbone } from './architectures/index.js';
import type { Encoder } from './model/encoder.js';
import type { EncoderDecoder } from './model/encoder-decoder.js';
import type { LanguageModel } from './model/language-model.js';
import type { BackboneOptions, WeightSource } from './model/weights.js';
import { loadImageProcessor } from './processors/load-processor.js';

/**
 * Opens a checkpoint folder in Hugging Face's layout (`config.json` and the files that `openCheckpoint` finds: safetensors or
 * PyTorch's, sharded or not) or timm's. Weights are frozen and packed as they are read; what another model of this process has
 * loaded from the same files is in memory once.
 */
export function loadBackbone(directory: string, options: BackboneOptions = {}): Backbone {
  const config = readJson(directory, 'config.json');
  const origin = join(directory, 'config.json');
  const type = 'architecture' in config ? 'timm' : config.model_type;
  const architecture = architectures.get(String(type));
  if (!architecture) {
    throw new OcelliError(
      'load',
      `${origin} says model_type ${JSON.stringify(type)}; Ocelli runs ${[...architectures.keys()].join(', ')}`,
    );
  }
  const opened = openCheckpoint(directory);
  const source = checkpointSource(directory, opened);
  // Features of pictures and videos of another size are others.
  const sizes = [options.imageSize?.join('x'), options.frames].filter((asked) => asked !== undefined);
  const fingerprint = [fingerprintOf(directory, opened), ...sizes].join('-');
  const hasGeneration = existsSync(join(directory, 'generation_config.json'));
  const generation = hasGeneration ? readJson(directory, 'generation_config.json') : null;
  const checkpoint = { config, origin, generation, source, fingerprint };
  const backbone = architecture(checkpoint, {
    ...(String(type).startsWith('dinov2') ? sizeByProcessor(directory) : {}),
    ...options,
  });
  const modality = backbone.kind === 'encoder' ? backbone.model.config.modality : 'text';
  for (const [option, of] of [
    ['imageSize', 'image'],
    ['frames', 'video'],
  ] as const) {
    if (options[option] === undefined || modality === of) continue;
    backbone.model.dispose();
    throw new OcelliError('load', `${directory} holds no ${of} encoder; leave out the option ${option}`);
  }
  return backbone;
}

/** DINOv2 runs at the size that its processor makes (224), not at that of its positions (518), as in transformers. */
function sizeByProcessor(directory: string): Pick<BackboneOptions, 'imageSize'> {
  if (!existsSync(join(directory, 'preprocessor_config.json'))) return {};
  const size = loadImageProcessor(directory).outputSize;
  return size ? { imageSize: [size.height, size.width] } : {};
}

/** Like `loadBackbone`, for a folder that must hold a decoder-only language model. */
export function loadLanguageModel(directory: string, options: BackboneOptions = {}): LanguageModel {
  return loadKind('languageModel', directory, options);
}

/** Like `loadBackbone`, for a folder that must hold an encoder-decoder language model. */
export function loadEncoderDecoder(directory: string, options: BackboneOptions = {}): EncoderDecoder {
  return loadKind('encoderDecoder', directory, options);
}

/** Like `loadBackbone`, for a folder that must hold an encoder. */
export function loadEncoder(directory: string, options: BackboneOptions = {}): Encoder {
  return loadKind('encoder', directory, options);
}

const kinds: Record<Backbone['kind'], string> = {
  encoder: 'an encoder',
  encoderDecoder: 'an encoder-decoder language model',
  languageModel: 'a language model',
};

type ModelOf<Kind> = Extract<Backbone, { readonly kind: Kind }>['model'];

function loadKind<Kind extends Backbone['kind']>(
  kind: Kind,
  directory: string,
  options: BackboneOptions,
): ModelOf<Kind> {
  const backbone = loadBackbone(directory, options);
  if (backbone.kind === kind) return backbone.model as ModelOf<Kind>;
  backbone.model.dispose();
  throw new OcelliError('load', `${directory} holds ${kinds[backbone.kind]}; ${kinds[kind]} was expected`);
}

function readJson(directory: string, name: string): Record<string, unknown> {
  const path = join(directory, name);
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    throw new OcelliError('load', `there is no folder ${directory}; give the path of a checkpoint folder`);
  }
  if (!existsSync(path))
    throw new OcelliError('load', `${directory} has no ${name}; give the path of a checkpoint folder`);
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    throw new OcelliError('load', `${path} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** A checkpoint's tensors with their shapes checked; names may have a prefix such as `vit.` that a head model adds. */
function checkpointSource(directory: string, checkpoint: TensorSource): WeightSource {
  const prefixes = [
    ...['', 'model.', 'vit.', 'deit.', 'vision_model.', 'dinov2.', 'dinov2_with_registers.', 'timesformer.'],
    'audio_spectrogram_transformer.',
  ];
  const find = (name: string): string | undefined => {
    const found = prefixes.find((prefix) => checkpoint.has(prefix + name));
    if (found !== undefined) return found + name;
    // A model that was saved without its head lacks the prefix that it has with it.
    const bare = name.replace(/^(model|transformer)\./, '');
    return checkpoint.has(bare) ? bare : undefined;
  };
  /** The name in the checkpoint, of a tensor that has this shape there. */
  const check = (name: string, shape: Shape): string => {
    const stored = find(name);
    if (stored === undefined)
      throw new OcelliError('load', `${directory} has no tensor "${name}" of shape ${formatShape(shape)}`);
    const actual = checkpoint.shape(stored);
    if (!sameShape(actual, shape)) {
      throw new OcelliError(
        'load',
        `${directory}: tensor "${stored}" is ${formatShape(actual)}, config.json makes it ${formatShape(shape)}`,
      );
    }
    return stored;
  };
  return {
    description: directory,
    has: (name) => find(name) !== undefined,
    load: (name, shape) => checkpoint.load(check(name, shape)),
    loadRows(name, shape, begin, end) {
      const stored = check(name, shape);
      const { dtype } = checkpoint.tensors.get(stored)!;
      const kept = dtype === 'bfloat16' || dtype === 'float16' ? { dtype } : {};
      return checkpoint.load(stored, { rows: [begin, end], ...kept });
    },
    identity(name) {
      const stored = find(name);
      return stored && checkpoint.identity(stored);
    },
  };
}

const sampleBytes = 1 << 20;

/** SHA-256 over the configuration and each weight file's size, beginning (with its header) and end. */
function fingerprintOf(directory: string, checkpoint: TensorSource): string {
  const hash = createHash('sha256').update(readFileSync(join(directory, 'config.json')));
  for (const path of checkpoint.files) {
    const { size } = statSync(path);
    const file = openSync(path, 'r');
    try {
      const buffer = Buffer.alloc(Math.min(sampleBytes, size));
      hash.update(String(size));
      readSync(file, buffer, 0, buffer.length, 0);
      hash.update(buffer);
      readSync(file, buffer, 0, buffer.length, size - buffer.length);
      hash.update(buffer);
    } finally {
      closeSync(file);
    }
  }
  return hash.digest('hex').slice(0, 32);
}
