import type { EncoderConfig } from '@ocelli/backbones';
import type { Sample } from '@ocelli/datasets';
import { type WeightType, weightTypes } from '@ocelli/ops';
import { evaluateLoss, ImageTextTask } from '@ocelli/training';
import { textExamples } from '../data/text-examples.js';
import { formatBytes } from '../memory/format-bytes.js';
import { FeatureEncoder } from '../pipelines/feature-encoder.js';
import { type OpenModelOptions, openModel } from '../pipelines/open-model.js';
import type { ProgressReporter } from '../progress/progress-reporter.js';
import { formatTable } from '../terminal/index.js';

/** What a model's loss is with its frozen weights kept in one type. */
export interface DtypeLoss {
  readonly dtype: WeightType;
  /** Memory of the frozen weights of both backbones. */
  readonly bytes: number;
  /** Mean cross-entropy of a token of the captions and answers. */
  readonly loss: number;
  /** `loss` minus that of float32. */
  readonly difference: number;
}

const batchSize = 32;

/**
 * The loss of a saved adapter on captions and questions with its backbones in every type, float32 first; one after the
 * other, so that only one model is in memory.
 *
 * @param samples reads the data for an encoder.
 */
export async function compareDtypes(
  model: Omit<OpenModelOptions, 'dtype'>,
  samples: (encoder: EncoderConfig) => Promise<readonly Sample[]>,
  { reporter, signal }: { readonly reporter: ProgressReporter; readonly signal?: AbortSignal },
): Promise<DtypeLoss[]> {
  const stage = reporter.stage('weight types', weightTypes.length);
  const losses: DtypeLoss[] = [];
  for (const dtype of weightTypes) {
    signal?.throwIfAborted();
    const { bytes, loss } = await lossOf({ ...model, dtype }, samples, signal);
    losses.push({ dtype, bytes, loss, difference: loss - (losses[0]?.loss ?? loss) });
    stage.update(losses.length, dtype);
  }
  stage.finish();
  return losses;
}

async function lossOf(
  options: OpenModelOptions,
  samplesFor: (encoder: EncoderConfig) => Promise<readonly Sample[]>,
  signal: AbortSignal | undefined,
): Promise<{ bytes: number; loss: number }> {
  using model = await openModel(options);
  const { backbones, adapter } = model;
  const samples = await samplesFor(backbones.encoder.config);
  const table = await new FeatureEncoder(backbones).encode(
    samples.map(({ media }) => media),
    adapter.features,
    signal ? { signal } : {},
  );
  const task = new ImageTextTask({
    examples: textExamples(samples, {
      use: 'both',
      questionSuffix: backbones.inputs.questionSuffix,
      origin: 'the data',
    }),
    features: async (items) => table.tensor(items, adapter.features),
    languageModel: backbones.languageModel,
    tokenizer: backbones.tokenizer,
    adapter,
  });
  return { bytes: backbones.bytes, loss: await evaluateLoss(task, batchSize) };
}

/** The losses as a table for the terminal. */
export function dtypeTable(losses: readonly DtypeLoss[]): string {
  const rows = losses.map(({ dtype, bytes, loss, difference }) => ({
    dtype,
    bytes: formatBytes(bytes),
    loss: loss.toFixed(5),
    difference: `${difference < 0 ? '' : '+'}${difference.toFixed(5)}`,
  }));
  return formatTable(rows, [
    { label: 'Weights', value: 'dtype' },
    { label: 'Memory', value: 'bytes', align: 'right' },
    { label: 'Loss', value: 'loss', align: 'right' },
    { label: 'Difference', value: 'difference', align: 'right' },
  ]);
}
