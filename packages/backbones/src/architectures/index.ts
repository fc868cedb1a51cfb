import type { Encoder } from '../model/encoder.js';
import type { LanguageModel } from '../model/language-model.js';
import type { BackboneOptions, WeightSource } from '../model/weights.js';
import { Gpt2Model } from './gpt2.js';
import { parseGpt2Config } from './gpt2-config.js';
import { LlamaModel } from './llama.js';
import { type LlamaConfig, parseLlamaConfig, parseMistralConfig } from './llama-config.js';
import { OptModel } from './opt.js';
import { parseOptConfig } from './opt-config.js';
import { VitModel } from './vit.js';
import { parseVitConfig } from './vit-config.js';

export type Backbone =
  | { readonly kind: 'languageModel'; readonly model: LanguageModel }
  | { readonly kind: 'encoder'; readonly model: Encoder };

/** An opened checkpoint, as an architecture reads it. */
export interface Checkpoint {
  /** What `config.json` holds. */
  readonly config: Record<string, unknown>;
  /** The path of `config.json`, for messages. */
  readonly origin: string;
  readonly source: WeightSource;
  readonly fingerprint: string;
}

/** Makes a backbone of a checkpoint; the options are the caller's. */
export type Architecture = (checkpoint: Checkpoint, options: BackboneOptions) => Backbone;

const vit: Architecture = ({ config, origin, source, fingerprint }, options) => ({
  kind: 'encoder',
  model: new VitModel(parseVitConfig(config, origin), source, fingerprint, options),
});

const llamaWith =
  (parse: (json: unknown, origin: string) => LlamaConfig): Architecture =>
  ({ config, origin, source, fingerprint }, options) => ({
    kind: 'languageModel',
    model: new LlamaModel(parse(config, origin), source, fingerprint, options),
  });

/** By `model_type` of `config.json`; timm's has an `architecture` instead. */
export const architectures = new Map<string, Architecture>([
  [
    'opt',
    ({ config, origin, source, fingerprint }, options) => ({
      kind: 'languageModel',
      model: new OptModel(parseOptConfig(config, origin), source, fingerprint, options),
    }),
  ],
  [
    'gpt2',
    ({ config, origin, source, fingerprint }, options) => ({
      kind: 'languageModel',
      model: new Gpt2Model(parseGpt2Config(config, origin), source, fingerprint, options),
    }),
  ],
  ['llama', llamaWith(parseLlamaConfig)],
  ['mistral', llamaWith(parseMistralConfig)],
  ['vit', vit],
  ['timm', vit],
]);
