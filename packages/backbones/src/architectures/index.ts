import type { Encoder } from '../model/encoder.js';
import type { LanguageModel } from '../model/language-model.js';
import type { BackboneOptions, WeightSource } from '../model/weights.js';
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

type Architecture = (checkpoint: Checkpoint, options: BackboneOptions) => Backbone;

const vit: Architecture = ({ config, origin, source, fingerprint }, options) => ({
  kind: 'encoder',
  model: new VitModel(parseVitConfig(config, origin), source, fingerprint, options),
});

/** By `model_type` of `config.json`; timm's has an `architecture` instead. */
export const architectures: ReadonlyMap<string, Architecture> = new Map<string, Architecture>([
  [
    'opt',
    ({ config, origin, source, fingerprint }, options) => ({
      kind: 'languageModel',
      model: new OptModel(parseOptConfig(config, origin), source, fingerprint, options),
    }),
  ],
  ['vit', vit],
  ['timm', vit],
]);
