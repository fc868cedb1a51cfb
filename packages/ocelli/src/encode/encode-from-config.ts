import { type AdapterInputs, createAdapter } from '@ocelli/adapters';
import { type EncoderConfig, type FeatureRequest, loadLanguageModel } from '@ocelli/backbones';
import { FeatureCache } from '@ocelli/datasets';
import { type DeviceName, device, dryRun, Random, type WeightType } from '@ocelli/ops';
import type { DataConfig, FeatureCacheConfig, OcelliConfig } from '../config/read-config.js';
import { type LocateOptions, locateBackbone, locateBackbones } from '../pipelines/locate-backbones.js';
import { openEncoder } from '../pipelines/open-backbones.js';
import { type EncodeOptions, type EncodeSet, type EncodeSummary, encodeSets } from './encode-sets.js';

/** How an encoding is told of and stopped; a download of its encoder too. */
export type EncodeFromOptions = Omit<EncodeOptions, 'broken'> & Pick<LocateOptions, 'onMessage'>;

/**
 * Puts all features that the training of a configuration reads into its cache: those of `data.train` in every version that
 * `training.augmentation` asks for, and of `data.validation`. No weight of the language model is loaded.
 */
export async function encodeFromConfig(
  config: OcelliConfig,
  options: EncodeFromOptions,
): Promise<EncodeSummary> {
  const { directories } = await locateBackbones(config, options);
  const { train, validation, broken } = config.data;
  return encodeWith(
    {
      ...config,
      directory: directories.encoder,
      request: (encoder) => requestOf(config, directories.languageModel, encoder),
      sets: [
        { place: 'data.train', data: train, augmentation: config.training.augmentation },
        ...(validation ? [{ place: 'data.validation', data: validation }] : []),
      ],
    },
    { ...options, broken },
  );
}

/** An encoding without a configuration. */
export interface EncodeDataChoice {
  /** `tiny`, the folder of a checkpoint, or a hub id. */
  readonly encoder: string;
  readonly data: DataConfig;
  /** Class tokens of all blocks, which most methods read, or all tokens of the last block. */
  readonly tokens: FeatureRequest['tokens'];
  readonly featureCache: FeatureCacheConfig;
  /** How the encoder's weights are kept. Default: `float32`. */
  readonly dtype?: WeightType | undefined;
  /** Default: the device in use. */
  readonly device?: DeviceName | undefined;
  /** Of each video. Default: what the encoder takes, or 8 for one of pictures. */
  readonly frames?: number | undefined;
}

/** Puts the features of one data set into a cache. What is broken ends it. */
export async function encodeData(
  choice: EncodeDataChoice,
  options: EncodeFromOptions,
): Promise<EncodeSummary> {
  return encodeWith(
    {
      ...choice,
      dtype: choice.dtype ?? 'float32',
      inputs: { frames: choice.frames },
      directory: await locateBackbone('encoder', choice.encoder, options),
      request: () => ({ layers: 1, tokens: choice.tokens }),
      sets: [{ place: 'data', data: choice.data }],
    },
    { ...options, broken: 'stop' },
  );
}

interface EncodeSettings {
  /** Of the encoder. */
  readonly directory: string;
  readonly dtype: WeightType;
  readonly device?: DeviceName | undefined;
  readonly inputs: AdapterInputs;
  readonly request: (encoder: EncoderConfig) => FeatureRequest;
  readonly sets: readonly EncodeSet[];
  readonly featureCache: FeatureCacheConfig;
}

async function encodeWith(settings: EncodeSettings, options: EncodeOptions): Promise<EncodeSummary> {
  const { dtype, inputs, featureCache } = settings;
  if (settings.device) device.use(settings.device);
  const { encoder, input } = openEncoder(settings.directory, { dtype, inputs });
  try {
    const request = settings.request(encoder.config);
    await using cache = await FeatureCache.open(featureCache.directory, featureCache);
    return await encodeSets({ encoder, input, dtype, request, cache }, settings.sets, options);
  } finally {
    encoder.dispose();
  }
}

/** What the configuration's method reads of the encoder, found without a weight of the language model. */
function requestOf(config: OcelliConfig, directory: string, encoder: EncoderConfig): FeatureRequest {
  return dryRun(() => {
    const languageModel = loadLanguageModel(directory, { dtype: config.dtype });
    try {
      const adapter = createAdapter(config.adapter.method, config.adapter.config, {
        languageModel: languageModel.config,
        encoder,
        random: new Random(config.training.seed),
      });
      adapter.dispose();
      return adapter.features;
    } finally {
      languageModel.dispose();
    }
  });
}
