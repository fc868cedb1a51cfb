import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type ReleasedEpalmConfig,
  readReleasedEpalm,
  releasedImageProcessor,
  saveAdapter,
} from '@ocelli/adapters';
import { type Encoder, imageSizeOf, loadEncoder, loadLanguageModel } from '@ocelli/backbones';
import { dryRun, OcelliError } from '@ocelli/ops';
import { parse } from 'yaml';
import { type LocateOptions, locateBackbones } from '../pipelines/locate-backbones.js';

/** What to import, and where its parts lie. */
export interface ImportEpalmOptions extends Omit<LocateOptions, 'base'> {
  /** The authors' `checkpoint_best.pth` or `checkpoint_last.pth`. */
  readonly checkpoint: string;
  /** The YAML file that it was trained with. Default: the configuration in the checkpoint. */
  readonly config?: string;
  /** Folder or hub id of the encoder that it was trained for. */
  readonly encoder: string;
  /** Folder or hub id of the language model that it was trained for. */
  readonly languageModel: string;
  /** Folder of the adapter to write. */
  readonly output: string;
}

/**
 * Writes an adapter of ours from a checkpoint of the authors of eP-ALM, with how they prepare pictures and questions. The
 * weights of the backbones are not read.
 */
export async function importEpalm(options: ImportEpalmOptions): Promise<ReleasedEpalmConfig> {
  const { names, directories } = await locateBackbones(options, options);
  const encoder = dryRun(() => loadEncoder(directories.encoder));
  const languageModel = dryRun(() => loadLanguageModel(directories.languageModel));
  const given = options.config === undefined ? {} : { config: readYaml(options.config) };
  const { adapter, config } = await readReleasedEpalm(
    resolve(options.checkpoint),
    { encoder, languageModel },
    given,
  );
  try {
    const seesPictures = encoder.config.modality === 'image';
    if (seesPictures) checkImageSize(config.imageSize, encoder, directories.encoder);
    const identities = {
      encoder: { name: names.encoder, fingerprint: encoder.fingerprint },
      languageModel: { name: names.languageModel, fingerprint: languageModel.fingerprint },
    };
    await saveAdapter(options.output, adapter, identities, {
      imageProcessor: seesPictures ? releasedImageProcessor(config.imageSize) : undefined,
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

function checkImageSize(size: number, encoder: Encoder, directory: string): void {
  const [height, width] = imageSizeOf(encoder.config);
  if (height === size && width === size) return;
  throw new OcelliError(
    'import',
    `the configuration has pictures of ${size}x${size}, the encoder in ${directory} takes ${width}x${height}; give the ` +
      `encoder that it was trained with`,
  );
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
