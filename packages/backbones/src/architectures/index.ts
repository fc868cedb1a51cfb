import { type DecodingRules, parseDecodingRules } from '../model/decoding-rules.js';
import type { Encoder } from '../model/encoder.js';
import type { EncoderDecoder } from '../model/encoder-decoder.js';
import type { LanguageModel } from '../model/language-model.js';
import type { BackboneOptions, WeightSource } from '../model/weights.js';
import { AudioSpectrogramTransformerModel } from './audio-spectrogram-transformer.js';
import { parseAudioSpectrogramTransformerConfig } from './audio-spectrogram-transformer-config.js';
import { BartModel } from './bart.js';
import { parseBartConfig } from './bart-config.js';
import { ClipVisionModel } from './clip.js';
import { parseClipVisionConfig } from './clip-config.js';
import { Dinov2Model } from './dinov2.js';
import { parseDinov2Config } from './dinov2-config.js';
import { Gpt2Model } from './gpt2.js';
import { parseGpt2Config } from './gpt2-config.js';
import { LlamaModel } from './llama.js';
import { parseLlamaConfig, parseMistralConfig } from './llama-config.js';
import { OptModel } from './opt.js';
import { parseOptConfig } from './opt-config.js';
import { T5Model } from './t5.js';
import { parseT5Config } from './t5-config.js';
import { TimesformerModel } from './timesformer.js';
import { parseTimesformerConfig } from './timesformer-config.js';
import { VitModel } from './vit.js';
import { parseVitConfig } from './vit-config.js';
import { WhisperEncoderModel } from './whisper.js';
import { parseWhisperEncoderConfig } from './whisper-config.js';

export type Backbone =
  | { readonly kind: 'languageModel'; readonly model: LanguageModel }
  | { readonly kind: 'encoderDecoder'; readonly model: EncoderDecoder }
  | { readonly kind: 'encoder'; readonly model: Encoder };

/** An opened checkpoint, as an architecture reads it. */
export interface Checkpoint {
  /** What `config.json` holds. */
  readonly config: Record<string, unknown>;
  /** The path of `config.json`, for messages. */
  readonly origin: string;
  /** What `generation_config.json` holds, if it is there. */
  readonly generation: Record<string, unknown> | null;
  readonly source: WeightSource;
  readonly fingerprint: string;
}

/** Makes a backbone of a checkpoint; the options are the caller's. */
export type Architecture = (checkpoint: Checkpoint, options: BackboneOptions) => Backbone;

type Model<Config, Kind> = new (
  config: Config,
  source: WeightSource,
  fingerprint: string,
  options: BackboneOptions,
) => Kind;
type Parse<Config> = (json: unknown, origin: string) => Config;

/** An encoder's architecture from how it reads its configuration and what it makes of it. */
function encoder<Config>(parse: Parse<Config>, Model: Model<Config, Encoder>): Architecture {
  return ({ config, origin, source, fingerprint }, options) => ({
    kind: 'encoder',
    model: new Model(parse(config, origin), source, fingerprint, options),
  });
}

/** The same for a language model. */
function languageModel<Config>(parse: Parse<Config>, Model: Model<Config, LanguageModel>): Architecture {
  return ({ config, origin, source, fingerprint }, options) => ({
    kind: 'languageModel',
    model: new Model(parse(config, origin), source, fingerprint, options),
  });
}

/** The same for an encoder-decoder model, whose checkpoint also says how it decodes. */
function encoderDecoder<Config>(
  parse: Parse<Config>,
  Model: new (
    config: Config,
    rules: DecodingRules,
    source: WeightSource,
    fingerprint: string,
    options: BackboneOptions,
  ) => EncoderDecoder,
): Architecture {
  return (checkpoint, options) => {
    const { config, origin, source, fingerprint } = checkpoint;
    const rules = decodingRulesOf(checkpoint);
    return {
      kind: 'encoderDecoder',
      model: new Model(parse(config, origin), rules, source, fingerprint, options),
    };
  };
}

const vit = encoder(parseVitConfig, VitModel);
const clip = encoder(parseClipVisionConfig, ClipVisionModel);
const dinov2 = encoder(parseDinov2Config, Dinov2Model);

/** By `model_type` of `config.json`; timm's has an `architecture` instead. */
export const architectures = new Map<string, Architecture>([
  ['opt', languageModel(parseOptConfig, OptModel)],
  ['gpt2', languageModel(parseGpt2Config, Gpt2Model)],
  ['llama', languageModel(parseLlamaConfig, LlamaModel)],
  ['mistral', languageModel(parseMistralConfig, LlamaModel)],
  ['t5', encoderDecoder(parseT5Config, T5Model)],
  ['bart', encoderDecoder(parseBartConfig, BartModel)],
  ['vit', vit],
  ['deit', vit],
  ['timm', vit],
  ['clip_vision_model', clip],
  ['clip', clip],
  ['dinov2', dinov2],
  ['dinov2_with_registers', dinov2],
  ['timesformer', encoder(parseTimesformerConfig, TimesformerModel)],
  [
    'audio-spectrogram-transformer',
    encoder(parseAudioSpectrogramTransformerConfig, AudioSpectrogramTransformerModel),
  ],
  ['whisper', encoder(parseWhisperEncoderConfig, WhisperEncoderModel)],
]);

/** Those of `generation_config.json`; before there were such files, `config.json` had them. */
function decodingRulesOf({ config, origin, generation }: Checkpoint): DecodingRules {
  if (!generation) return parseDecodingRules(config, origin);
  return parseDecodingRules(generation, origin.replace(/config\.json$/, 'generation_config.json'));
}
