export { AudioSpectrogramTransformerModel } from './architectures/audio-spectrogram-transformer.js';
export {
  type AudioSpectrogramTransformerConfig,
  parseAudioSpectrogramTransformerConfig,
} from './architectures/audio-spectrogram-transformer-config.js';
export { BartModel } from './architectures/bart.js';
export { type BartConfig, parseBartConfig } from './architectures/bart-config.js';
export { ClipVisionModel } from './architectures/clip.js';
export { type ClipVisionConfig, parseClipVisionConfig } from './architectures/clip-config.js';
export { Dinov2Model } from './architectures/dinov2.js';
export { type Dinov2Config, parseDinov2Config } from './architectures/dinov2-config.js';
export type { TransformerConfig } from './architectures/encoder-config.js';
export { Gpt2Model } from './architectures/gpt2.js';
export { type Gpt2Config, parseGpt2Config } from './architectures/gpt2-config.js';
export type { Architecture, Backbone, Checkpoint } from './architectures/index.js';
export { LlamaModel } from './architectures/llama.js';
export { type LlamaConfig, parseLlamaConfig, parseMistralConfig } from './architectures/llama-config.js';
export { OptModel } from './architectures/opt.js';
export { type OptConfig, optConfigSchema, parseOptConfig } from './architectures/opt-config.js';
export { registerArchitecture } from './architectures/register-architecture.js';
export { T5Model } from './architectures/t5.js';
export { parseT5Config, type T5Config } from './architectures/t5-config.js';
export { TimesformerModel } from './architectures/timesformer.js';
export { parseTimesformerConfig, type TimesformerConfig } from './architectures/timesformer-config.js';
export { VitModel } from './architectures/vit.js';
export { parseVitConfig, type VitConfig } from './architectures/vit-config.js';
export { WhisperEncoderModel } from './architectures/whisper.js';
export { parseWhisperEncoderConfig, type WhisperEncoderConfig } from './architectures/whisper-config.js';
export type { EarlyStopping } from './generation/beam-search.js';
export type { BatchHooks } from './generation/decoding-session.js';
export { type GenerateOptions, generate } from './generation/generate.js';
export { generateReference, type ReferenceGenerateOptions } from './generation/generate-reference.js';
export { padTokens } from './generation/pad-tokens.js';
export { createPrefix, type Prefix, type PrefixOptions } from './generation/prefix.js';
export { type RankedAnswer, type RankOptions, rankAnswers } from './generation/rank-answers.js';
export type { SamplingOptions } from './generation/sampling.js';
export type { GeneratedSequence } from './generation/search.js';
export type { DecodingOptions, ScoreOptions } from './generation/search-settings.js';
export type { StopStrings } from './generation/stop-strings.js';
export { type StreamTextOptions, streamText } from './generation/stream-text.js';
export { type StreamOptions, streamTokens } from './generation/stream-tokens.js';
export type { CheckpointPart } from './hub/checkpoint-files.js';
export { fromPretrained } from './hub/from-pretrained.js';
export type { DownloadProgress, HubOptions } from './hub/hub-settings.js';
export { isHubId, type ResolveOptions, resolveCheckpoint } from './hub/resolve-checkpoint.js';
export { loadBackbone, loadEncoder, loadEncoderDecoder, loadLanguageModel } from './load.js';
export { activationName } from './model/activation-name.js';
export {
  type BlockLinearFollowers,
  DecoderBlockCall,
  type SelfAttentionOptions,
} from './model/decoder-block-call.js';
export { DecoderModel } from './model/decoder-model.js';
export { type DecodingRules, parseDecodingRules } from './model/decoding-rules.js';
export {
  type Encoder,
  type EncoderConfig,
  type EncoderOptions,
  type EncoderOutput,
  imageSizeOf,
} from './model/encoder.js';
export type {
  EncodeInput,
  EncodeOutput,
  EncoderDecoder,
  EncoderDecoderConfig,
  EncoderDecoderInput,
} from './model/encoder-decoder.js';
export { EncoderDecoderCache } from './model/encoder-decoder-cache.js';
export { encodeFeatures, type FeatureRequest } from './model/features.js';
export type { HookContext, HookList, Hooks, LinearName, Site } from './model/hooks.js';
export { KeyValueCache } from './model/key-value-cache.js';
export type {
  LanguageModel,
  LanguageModelConfig,
  LanguageModelInput,
  LanguageModelOutput,
  PackedTokens,
  TokenBatch,
} from './model/language-model.js';
export { packTokens } from './model/pack-tokens.js';
export { type ConfigReading, parseConfig } from './model/parse-config.js';
export { textPositions } from './model/positions.js';
export {
  parseRotaryScaling,
  type RotaryScaling,
  rotaryKeys,
  type ScaledRotary,
  scaledRotary,
} from './model/rotary-scaling.js';
export type { RecomputedLayers } from './model/run-block.js';
export { dropRows, prependRows, replaceRows, type Sequence } from './model/sequence.js';
export { type SpecialIds, specialIds, specialIdsSchema } from './model/special-ids.js';
export {
  type BackboneOptions,
  initialWeights,
  Linear,
  type NormWeights,
  type WeightSource,
  Weights,
} from './model/weights.js';
export type { AffineOptions } from './processors/affine-transform.js';
export { type AudioClip, AudioProcessor, type ProcessedAudio } from './processors/audio-processor.js';
export {
  type AudioProcessorConfig,
  type FilterBankConfig,
  type LogMelConfig,
  parseAudioProcessorConfig,
} from './processors/audio-processor-config.js';
export {
  augmentationKey,
  augmentImage,
  drawImageAugmentation,
  type ImageAugmentationDraw,
  type ImageAugmentationOptions,
} from './processors/augment-image.js';
export { applyOperation, type ImageOperation, type OperationName } from './processors/image-operation.js';
export { ImageProcessor } from './processors/image-processor.js';
export {
  type ImageProcessorConfig,
  type ImageSize,
  parseImageProcessorConfig,
  type Triple,
} from './processors/image-processor-config.js';
export { loadImageProcessor, loadProcessor, type Processor } from './processors/load-processor.js';
export {
  drawRandAugment,
  imageRandAugment,
  type RandAugmentPolicy,
  type RandomOperation,
  videoRandAugment,
} from './processors/rand-augment.js';
export { type ResizeFilter, type RgbImage, resizeImage } from './processors/resize-image.js';
export {
  drawSpecAugment,
  type Interval,
  type SpecAugmentDraw,
  type SpecAugmentOptions,
} from './processors/spec-augment.js';
export { parseTimmProcessorConfig } from './processors/timm-processor-config.js';
export { type ProcessedVideo, VideoProcessor } from './processors/video-processor.js';
export {
  type EncodeOptions,
  loadTokenizer,
  Tokenizer,
  type TokenizerOptions,
} from './tokenizers/tokenizer.js';
export { type VerificationRow, verifyBackbone } from './verify.js';
