export { ConfigFile } from './config/config-file.js';
export {
  type DataConfig,
  type FeatureCacheConfig,
  type OcelliConfig,
  readConfig,
} from './config/read-config.js';
export { openData } from './data/open-data.js';
export { readSamples } from './data/read-samples.js';
export { textExamples } from './data/text-examples.js';
export {
  changeSettings,
  type DemoExample,
  type DemoOptions,
  type DemoOutcome,
  type DemoResult,
  type DemoSettings,
  defaultMethods,
  defaultSettings,
  demoResultSchema,
  type MethodResult,
  type MethodSettings,
  runDemo,
} from './demo/index.js';
export { type DryRunOptions, type DryRunReport, dryRunConfig } from './dry-run/dry-run.js';
export {
  type EncodeDataChoice,
  type EncodeFromOptions,
  encodeData,
  encodeFromConfig,
} from './encode/encode-from-config.js';
export type { EncodedSet, EncodeSummary } from './encode/encode-sets.js';
export {
  evaluateModel,
  type GeneratedAnswer,
  type GeneratedCaption,
  type ModelEvaluation,
} from './evaluate/evaluate-model.js';
export { metricNames } from './evaluate/metrics/metric-names.js';
export type { Breakdown, NamedMetric } from './evaluate/metrics/named-metric.js';
export type { Augmentation } from './pipelines/augmentation.js';
export type { EncodeCounts } from './pipelines/encode-counts.js';
export { EncoderInput } from './pipelines/encoder-input.js';
export {
  type EncodeProgress,
  FeatureEncoder,
  type FeatureEncoderOptions,
} from './pipelines/feature-encoder.js';
export { FeatureTable } from './pipelines/feature-table.js';
export {
  type GenerationOptions,
  type Generator,
  generateTexts,
  type RankedText,
  rankTexts,
  type StreamingOptions,
  streamGeneratedText,
} from './pipelines/generate-texts.js';
export { ImageTextModel, type ManyTextsOptions, type MediaQuestion } from './pipelines/image-text-model.js';
export {
  type BackboneNames,
  type LocatedBackbones,
  type LocateOptions,
  locateBackbone,
  locateBackbones,
} from './pipelines/locate-backbones.js';
export { type MediaInput, mediaOf } from './pipelines/media-input.js';
export type { MediaReading } from './pipelines/media-reading.js';
export { type Backbones, openBackbones } from './pipelines/open-backbones.js';
export { type OpenModelOptions, openModel } from './pipelines/open-model.js';
export type { PreparedMedia } from './pipelines/prepared-media.js';
export {
  type ProgressReporter,
  type ProgressStage,
  silentReporter,
} from './progress/progress-reporter.js';
export { type ReportData, type ReportMedia, renderReport, reportMedia } from './report/index.js';
export {
  type TrainFromConfigOptions,
  type TrainOutcome,
  trainFromConfig,
} from './train/train-from-config.js';
