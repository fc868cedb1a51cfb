import { type DeviceName, weightTypes } from '@ocelli/ops';
import { z } from 'zod';
import { metricNames } from '../evaluate/metrics/metric-names.js';
import { bytesPattern, parseBytes } from '../memory/format-bytes.js';
import { scheduleNames } from '../train/make-schedule.js';

const count = z.number().int().positive();
const seed = z.number().int();
const rate = z.number().nonnegative();
const text = z.string().min(1);
const size = z
  .string()
  .regex(bytesPattern, 'expected a size such as "2 GiB" or "800 MB"')
  .transform(parseBytes);

/** How an adapter is trained. */
export const trainingSchema = z.strictObject({
  /** Optimizer steps. Default: what `epochs` makes, or 1000. */
  steps: count.optional(),
  /** In place of `steps`: how often each caption or question is seen. */
  epochs: count.optional(),
  /** Captions and questions of one batch on the device. */
  batchSize: count.default(32),
  /** Batches per step. */
  gradientAccumulation: count.default(1),
  learningRate: rate.default(1e-3),
  /** Of the soft prompt. Default: `learningRate`. */
  promptLearningRate: rate.optional(),
  /** What the schedule ends with. Default 0. */
  minimumLearningRate: rate.default(0),
  weightDecay: rate.default(0),
  /** Steps over which the learning rate rises. */
  warmUp: z.number().int().nonnegative().default(0),
  /** What it rises from. */
  warmUpLearningRate: rate.default(0),
  /** `epoch-cosine` is the released eP-ALM's: one rate an epoch, and a warm-up in stairs of 100 steps inside the first. */
  schedule: z.enum(scheduleNames).default('cosine'),
  /** Of the soft prompt, without a warm-up. Default: it follows `schedule` and `warmUp`. */
  promptSchedule: z.enum(scheduleNames).optional(),
  /** Gradients are scaled down so that their common norm is at most this. Default: never. */
  clipNorm: z.number().positive().optional(),
  /** Of initial values and of the order of examples. */
  seed: seed.default(0),
  /** Batches of texts of similar length: less padding. */
  similarLengths: z.boolean().default(false),
  /**
   * Encodes so many versions of each picture, video or recording, varied as eP-ALM's were (crops, mirroring, RandAugment,
   * random moments of videos, SpecAugment), and draws one whenever it is needed; `flip: false` mirrors none, for texts that
   * speak of left and right. Default: media as they are.
   */
  augmentation: z.strictObject({ versions: count, flip: z.boolean().default(true) }).optional(),
  /** Tokens that the loss is about: the answer or caption, or the question as well. */
  lossOn: z.enum(['target', 'all']).default('target'),
  /** `mean` over those tokens, or `reference`, as the released eP-ALM: 0.1 times their sum, averaged over examples. */
  loss: z.enum(['mean', 'reference']).default('mean'),
  /**
   * The most memory that frozen weights, features and a step may take, such as "2 GiB": as many of the language model's
   * blocks as needed compute their activations twice instead of keeping them. Default: none do.
   */
  memoryBudget: size.optional(),
  /** Steps between checkpoints. */
  checkpointEvery: count.default(500),
  /** Steps between measurements of the validation loss; only with `data.validation`. Default: a tenth of the steps. */
  validateEvery: count.optional(),
});

/** Where encoder features are kept; a path alone is its `directory`. */
const featureCacheSchema = z.preprocess(
  (value) => (typeof value === 'string' ? { directory: value } : value),
  z.strictObject({
    /** Several trainings may share one. Default: `features` in `output`. */
    directory: text.optional(),
    /** The most that it takes on disk, such as "20 GB"; see `FeatureCacheOptions`. Default: no bound. */
    maxSize: size.optional(),
    /** `bfloat16` takes half the room and rounds features, which then are not equal to those of `float32` to the bit. */
    dtype: z.enum(['float32', 'bfloat16']).default('float32'),
  }),
);

/** How `ocelli eval --data CONFIG` generates and scores, where its options do not say otherwise. */
export const evaluationSchema = z.strictObject({
  beams: count.optional(),
  maxNewTokens: count.optional(),
  decoding: z.enum(['standard', 'reference']).optional(),
  /** Which scores. Default: those that the data set is published with. */
  metrics: z.array(z.enum(metricNames as [string, ...string[]])).optional(),
});

/** The configuration file. `adapter` and the data sets are checked further by their own schemas. */
export const configSchema = z.strictObject({
  /** What the training stands for. Shown to people; nothing is computed with it. */
  about: z
    .strictObject({
      title: text,
      /** Scores that were published for it, by the name of the metric. */
      published: z.record(text, z.number()).default({}),
      /** Where they stand. */
      source: text.optional(),
    })
    .optional(),
  /** `tiny`, the folder of a checkpoint, or a hub id. */
  encoder: text.default('tiny'),
  /** `tiny`, the folder of a checkpoint, or a hub id. */
  languageModel: text.default('tiny'),
  /**
   * How the frozen weights of both are kept: `bfloat16` and `float16` take half the memory of `float32`, `int8` and `fp8` a
   * quarter, `nf4` and `fp4` a seventh, at the cost of rounding them. `ocelli eval --compare-dtypes` tells what that costs.
   */
  dtype: z.enum(weightTypes).default('float32'),
  /**
   * Where everything is computed: `cpu`, `cuda`, `cuda:1` and so on; `cuda-emulated` runs a GPU's kernels on the processor,
   * for tests. Default: `cpu`, or what `OCELLI_DEVICE` in the environment says.
   */
  device: text.transform((name) => name as DeviceName).optional(),
  /**
   * Frames of each video: for an encoder of videos as many as it takes at once (default: as it was trained), for one of
   * pictures as many as it sees one by one (default 8), whose features are averaged.
   */
  frames: count.optional(),
  /** How media and texts are prepared where that is not the backbones' own way; saved with the adapter. */
  inputs: z
    .strictObject({
      /** In place of the encoder's `preprocessor_config.json`, in its format. */
      imageProcessor: z.looseObject({}).optional(),
      /** A token between question and answer that the tokenizer is taught. Default: the text's end token. */
      answerToken: text.optional(),
      /** What stands behind every question, such as `?`. */
      questionSuffix: z.string().optional(),
      /**
       * How an encoder of pictures sees several that belong together (NLVR2): as one picture, beside each other (the default), or
       * each, and the mean of their features.
       */
      severalPictures: z.enum(['side-by-side', 'mean']).optional(),
    })
    .prefault({}),
  /** `method`, and what that method's configuration has. */
  adapter: z.looseObject({ method: z.string() }),
  data: z.strictObject({
    /** Folder that the paths of the data sets are relative to. Default: that of this file. */
    root: text.optional(),
    train: z.looseObject({}),
    /** What the loss is measured on during the training. */
    validation: z.looseObject({}).optional(),
    /** What `ocelli eval --split test` scores. */
    test: z.looseObject({}).optional(),
    /** Captions, questions, or both mixed in one training. */
    use: z.enum(['captions', 'questions', 'both']).default('both'),
    /**
     * Reads samples and encodes their media when a batch needs them, in place of all before the first step: memory does not grow
     * with the data, and an epoch takes each sample once, with one of its texts. Default: for more than 100,000 samples of a
     * format that is read so (`jsonl`, `parquet`, `webdataset`).
     */
    streamed: z.boolean().optional(),
    /** What a picture, video or recording does that cannot be decoded: stop the run, or be named and left out. */
    broken: z.enum(['stop', 'skip']).default('stop'),
  }),
  training: trainingSchema
    .refine(({ steps, epochs }) => steps === undefined || epochs === undefined, {
      message: 'expected either "steps" or "epochs"',
    })
    .prefault({}),
  evaluation: evaluationSchema.prefault({}),
  /** Folder of the adapter, the checkpoints and the log. */
  output: text,
  /** Encoder features on disk: a folder, or `directory`, `maxSize` and `dtype`. */
  featureCache: featureCacheSchema.prefault({}),
});

export type EvaluationConfig = z.infer<typeof evaluationSchema>;
export type TrainingConfig = z.infer<typeof trainingSchema>;
