import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AdapterInputs } from '@ocelli/adapters';
import {
  type Encoder,
  ImageProcessor,
  imageSizeOf,
  type LanguageModel,
  loadEncoder,
  loadImageProcessor,
  loadLanguageModel,
  loadTokenizer,
  parseImageProcessorConfig,
  type Tokenizer,
} from '@ocelli/backbones';
import { OcelliError } from '@ocelli/ops';
import { languageModelDirectory, visionModelDirectory } from '@ocelli/tiny';

/** The two frozen models by name: `tiny` for the embedded ones, or the path of a checkpoint folder. */
export interface BackboneNames {
  readonly encoder: string;
  readonly languageModel: string;
}

/** A frozen encoder and a frozen language model with all that stands before and after them. */
export interface Backbones {
  readonly names: BackboneNames;
  readonly encoder: Encoder;
  readonly processor: ImageProcessor;
  readonly languageModel: LanguageModel;
  readonly tokenizer: Tokenizer;
  /** Where pictures and texts are prepared in another way than the models' own. */
  readonly inputs: AdapterInputs;
  /** Frees the weights. */
  dispose(): void;
}

/** The name of the embedded backbones. */
export const tinyName = 'tiny';

/** The folder that a name stands for; relative paths are relative to `base`, the working directory by default. */
export function backboneDirectory(kind: keyof BackboneNames, name: string, base = process.cwd()): string {
  if (name !== tinyName) return resolve(base, name);
  const directory = kind === 'encoder' ? visionModelDirectory : languageModelDirectory;
  if (!existsSync(directory)) {
    throw new OcelliError(
      'backbones',
      `the embedded ${kind === 'encoder' ? 'encoder' : 'language model'} is not at ${directory}; reinstall @ocelli/tiny`,
    );
  }
  return directory;
}

/**
 * Opens an encoder with its image processor and a language model with its tokenizer. Names become absolute, so that they
 * still hold when an adapter that remembers them is used elsewhere.
 *
 * @param inputs how an adapter wants pictures and texts prepared, if not in the models' own way.
 * @throws {OcelliError} naming the folder or file that is missing or does not fit.
 */
export function openBackbones(
  names: BackboneNames,
  base = process.cwd(),
  inputs: AdapterInputs = {},
): Backbones {
  const encoderDirectory = backboneDirectory('encoder', names.encoder, base);
  const languageModelPath = backboneDirectory('languageModel', names.languageModel, base);
  const absolute = (name: string, directory: string): string => (name === tinyName ? tinyName : directory);
  // What is small and may be wrong is read before the weights.
  const encoder = loadEncoder(encoderDirectory);
  const opened: { dispose(): void }[] = [encoder];
  try {
    const processor = inputs.imageProcessor
      ? new ImageProcessor(parseImageProcessorConfig(inputs.imageProcessor, "the adapter's image_processor"))
      : loadImageProcessor(encoderDirectory);
    checkProcessor(processor, encoder, encoderDirectory);
    const languageModel = loadLanguageModel(languageModelPath);
    opened.push(languageModel);
    const tokenizer = loadTokenizer(
      languageModelPath,
      inputs.answerToken === undefined ? {} : { additionalSpecialTokens: [inputs.answerToken] },
    );
    return {
      names: {
        encoder: absolute(names.encoder, encoderDirectory),
        languageModel: absolute(names.languageModel, languageModelPath),
      },
      encoder,
      processor,
      languageModel,
      tokenizer,
      inputs,
      dispose: () => {
        for (const model of opened) model.dispose();
      },
    };
  } catch (error) {
    for (const model of opened) model.dispose();
    throw error;
  }
}

function checkProcessor(processor: ImageProcessor, encoder: Encoder, directory: string): void {
  const size = processor.outputSize;
  const [height, width] = imageSizeOf(encoder.config);
  if (!size || (size.height === height && size.width === width)) return;
  throw new OcelliError(
    'backbones',
    `${directory}: preprocessor_config.json makes pictures of ${size.width}x${size.height}, config.json expects ` +
      `${width}x${height}; correct one of them`,
  );
}
