import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type ReleasedEpalmConfig,
  readReleasedEpalm,
  releasedImageProcessor,
  saveAdapter,
} from '@ocelli/adapters';
import { imageSizeOf, loadEncoder, loadLanguageModel } from '@ocelli/backbones';
import { dryRun, OcelliError } from '@ocelli/ops';
import { parse } from 'yaml';
import { backboneDirectory } from '../pipelines/open-backbones.js';

/** What to import, and where its parts lie. */
export interface ImportEpalmOptions {
  /** The authors' `checkpoint_best.pth` or `checkpoint_last.pth`. */
  readonly checkpoint: string;
  /** The YAML file that it was trained with. Default: the configuration in the checkpoint. */
  readonly config?: string;
  /** Folder of the encoder that it was trained for. */
  readonly encoder: string;
  /** Folder of the language model that it was trained for. */
  readonly languageModel: string;
  /** Folder of the adapter to write. */
  readonly output: string;
}

/**
 * Writes an adapter of ours from a checkpoint of the authors of eP-ALM, with how they prepare pictures and questions. The
 * weights of the backbones are not read.
 */
export async function importEpalm(options: ImportEpalmOptions): Promise<ReleasedEpalmConfig> {
  const encoderDirectory = backboneDirectory('encoder', options.encoder);
  const languageModelDirectory = backboneDirectory('languageModel', options.languageModel);
  const encoder = dryRun(() => loadEncoder(encoderDirectory));
  const languageModel = dryRun(() => loadLanguageModel(languageModelDirectory));
  const given = options.config === undefined ? {} : { config: readYaml(options.config) };
  const { adapter, config } = await readReleasedEpalm(
    resolve(options.checkpoint),
    { encoder, languageModel },
    given,
  );
  try {
    const [height, width] = imageSizeOf(encoder.config);
    if (height !== config.imageSize || width !== config.imageSize) {
      throw new OcelliError(
        'import',
        `the configuration has pictures of ${config.imageSize}x${config.imageSize}, the encoder in ${encoderDirectory} takes ` +
          `${width}x${height}; give the encoder that it was trained with`,
      );
    }
    const identities = {
      encoder: { name: encoderDirectory, fingerprint: encoder.fingerprint },
      languageModel: { name: languageModelDirectory, fingerprint: languageModel.fingerprint },
    };
    await saveAdapter(options.output, adapter, identities, {
      imageProcessor: releasedImageProcessor(config.imageSize),
      answerToken: config.answerToken ?? undefined,
      questionSuffix: '?',
    });
    return config;
  } finally {
    adapter.dispose();
    encoder.dispose();
    languageModel.dispose();
  }
}

function readYaml(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new OcelliError(
      'import',
      `cannot read ${resolve(path)} as YAML: ${(error as Error).message}; give a YAML file of the released eP-ALM`,
      { cause: error },
    );
  }
}
