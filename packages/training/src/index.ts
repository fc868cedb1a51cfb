export { checkDisk } from './check-disk.js';
export {
  type Checkpoint,
  type CheckpointState,
  type CheckpointTensors,
  latestCheckpoint,
  writeCheckpoint,
} from './checkpoint.js';
export { deriveRandom } from './derive-random.js';
export { evaluateLoss } from './evaluate-loss.js';
export type { ImageTextBatch, ImageTextSettings } from './image-text-batch.js';
export {
  type ImageTextExample,
  ImageTextTask,
  type ImageTextTaskOptions,
} from './image-text-task.js';
export { MetricsLog, type MetricsRecord, readMetricsLog } from './metrics-log.js';
export { ExampleOrder, type OrderOptions, type OrderState } from './order.js';
export { planStep, type StepPlan } from './plan-step.js';
export { restoreTensors } from './restore-tensors.js';
export {
  constantSchedule,
  cosineSchedule,
  type DecayOptions,
  type EpochCosineOptions,
  epochCosineSchedule,
  linearSchedule,
  type Schedule,
  type WarmupOptions,
} from './schedule.js';
export {
  type StreamedExamples,
  StreamedImageTextTask,
  type StreamedImageTextTaskOptions,
} from './streamed-image-text-task.js';
export type { BatchContext, OrderContext, TrainingParameter, TrainingTask } from './task.js';
export {
  promptTokens,
  type TextFrame,
  type TextTokenizer,
  type TokenizedExample,
  textFrame,
  tokenizeExample,
} from './tokenize-example.js';
export type { Evaluation, PerGroup, StepReport, TrainOptions } from './train-options.js';
export { type TrainResult, train } from './trainer.js';
