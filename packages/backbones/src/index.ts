export type { Encoder, EncoderConfig, EncoderOptions, EncoderOutput } from './encoder.js';
export { encodeFeatures, type FeatureRequest } from './features.js';
export type { BatchHooks } from './generation/decoding-session.js';
export { type DecodingOptions, type GenerateOptions, generate } from './generation/generate.js';
export { padTokens } from './generation/pad-tokens.js';
export type { GeneratedSequence } from './generation/search.js';
export { type StreamOptions, streamTokens } from './generation/stream-tokens.js';
export type { HookContext, HookList, Hooks, LinearName, Site } from './hooks.js';
export { ImageProcessor, loadImageProcessor } from './image-processor.js';
export {
  type ImageProcessorConfig,
  type ImageSize,
  parseImageProcessorConfig,
  type Triple,
} from './image-processor-config.js';
export { KeyValueCache } from './key-value-cache.js';
export type {
  LanguageModel,
  LanguageModelConfig,
  LanguageModelInput,
  LanguageModelOutput,
  PackedTokens,
  TokenBatch,
} from './language-model.js';
export { type Backbone, loadBackbone, loadEncoder, loadLanguageModel } from './load.js';
export { OptModel } from './opt.js';
export { type OptConfig, optConfigSchema, parseOptConfig } from './opt-config.js';
export { packTokens } from './pack-tokens.js';
export { textPositions } from './positions.js';
export { type ResizeFilter, type RgbImage, resizeImage } from './resize-image.js';
export type { RecomputedLayers } from './run-block.js';
export { dropRows, prependRows, replaceRows, type Sequence } from './sequence.js';
export { type EncodeOptions, loadTokenizer, Tokenizer, type TokenizerOptions } from './tokenizer.js';
export { type VerificationRow, verifyBackbone } from './verify.js';
export { VitModel } from './vit.js';
export { parseVitConfig, type VitConfig } from './vit-config.js';
export {
  type BackboneOptions,
  initialWeights,
  Linear,
  type NormWeights,
  type WeightSource,
  Weights,
} from './weights.js';
