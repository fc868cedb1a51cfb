import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AnswersFile, type AnswersFileSettings } from '@ocelli/evaluation';
import type { ImageTextModel } from '../pipelines/image-text-model.js';
import { adapterDirectory } from '../pipelines/open-model.js';

/** What the texts of an evaluation depend on beside the model. */
export interface AnswerSettings {
  /** The adapter's folder. */
  readonly adapter: string;
  /** Name of the data. */
  readonly data: string;
  /** How texts are generated. */
  readonly generation: AnswersFileSettings;
}

/**
 * Opens the file that keeps the texts of an evaluation, or makes it.
 *
 * @throws EvaluationError if its texts are of another model, other data, or generated in another way.
 */
export function openAnswers(
  path: string,
  { backbones }: ImageTextModel,
  { adapter, data, generation }: AnswerSettings,
): Promise<AnswersFile<string>> {
  const weights = readFileSync(join(adapterDirectory(adapter), 'adapter_model.safetensors'));
  return AnswersFile.open<string>(path, {
    adapter: createHash('sha256').update(weights).digest('hex'),
    encoder: backbones.encoder.fingerprint,
    languageModel: backbones.languageModel.fingerprint,
    data,
    generation,
  });
}
