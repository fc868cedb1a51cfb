export type { Encoder, EncoderConfig, EncoderOutput } from './encoder.js';
export { encodeFeatures, type FeatureRequest } from './features.js';
export type { HookContext, HookList, Hooks, LinearName, Sequence, Site } from './hooks.js';
export { KeyValueCache } from './key-value-cache.js';
export type {
  LanguageModel,
  LanguageModelConfig,
  LanguageModelInput,
  LanguageModelOutput,
  TokenBatch,
} from './language-model.js';
export { type Backbone, loadBackbone, loadEncoder, loadLanguageModel } from './load.js';
export { OptModel } from './opt.js';
export { type OptConfig, optConfigSchema, parseOptConfig } from './opt-config.js';
export { textPositions } from './positions.js';
export { VitModel } from './vit.js';
export { parseVitConfig, type VitConfig } from './vit-config.js';
export { initialWeights, Linear, type NormWeights, Weights, type WeightSource } from './weights.js';
