import type { AdapterInputs } from '@ocelli/adapters';
import {
  type Encoder,
  ImageProcessor,
  type LanguageModel,
  loadEncoder,
  loadLanguageModel,
  loadProcessor,
  loadTokenizer,
  parseImageProcessorConfig,
  type Tokenizer,
} from '@ocelli/backbones';
import { type DeviceName, device, type WeightType } from '@ocelli/ops';
import { EncoderInput } from './encoder-input.js';
import type { BackboneNames, LocatedBackbones } from './locate-backbones.js';

/** How backbones are opened. */
export interface OpenBackbonesOptions {
  /** Of the frozen weights. Default `float32`: see `PackedWeightOptions` for what each type keeps. */
  readonly dtype?: WeightType | undefined;
  /** The device to use from here on, for all that is computed with them. Default: the one in use. */
  readonly device?: DeviceName | undefined;
  /** How an adapter wants media and texts prepared, if not in the models' own way. */
  readonly inputs?: AdapterInputs;
}

/** A frozen encoder and a frozen language model with all that stands before and after them. */
export interface Backbones {
  readonly names: BackboneNames;
  /** How the weights are kept. */
  readonly dtype: WeightType;
  /** Memory of the weights of both. */
  readonly bytes: number;
  readonly encoder: Encoder;
  /** What the encoder takes of pictures, videos and sound. */
  readonly input: EncoderInput;
  readonly languageModel: LanguageModel;
  readonly tokenizer: Tokenizer;
  /** Where media and texts are prepared in another way than the models' own. */
  readonly inputs: AdapterInputs;
  /** Frees the weights. */
  dispose(): void;
}

/**
 * Opens an encoder with what stands before it. The caller frees the encoder.
 *
 * @throws {OcelliError} naming the folder or file that is missing or does not fit.
 */
export function openEncoder(
  directory: string,
  { dtype = 'float32', inputs = {} }: Pick<OpenBackbonesOptions, 'dtype' | 'inputs'> = {},
): Pick<Backbones, 'encoder' | 'input'> {
  // What is small and may be wrong is read before the weights.
  const processor = inputs.imageProcessor
    ? new ImageProcessor(parseImageProcessorConfig(inputs.imageProcessor, "the adapter's image_processor"))
    : loadProcessor(directory);
  const { frames, severalPictures } = inputs;
  const encoder = loadEncoder(directory, {
    dtype,
    ...(processor.kind === 'video' && frames !== undefined ? { frames } : {}),
  });
  try {
    return { encoder, input: new EncoderInput(encoder, processor, { frames, severalPictures }) };
  } catch (error) {
    encoder.dispose();
    throw error;
  }
}

/**
 * Opens an encoder with its processor and a language model with its tokenizer.
 *
 * @throws {OcelliError} naming the folder or file that is missing or does not fit, or why there is no such device.
 */
export function openBackbones(
  { names, directories }: LocatedBackbones,
  { dtype = 'float32', device: name, inputs = {} }: OpenBackbonesOptions = {},
): Backbones {
  if (name) device.use(name);
  const before = device.memory().allocated;
  const { encoder, input } = openEncoder(directories.encoder, { dtype, inputs });
  const opened: { dispose(): void }[] = [encoder];
  try {
    const languageModel = loadLanguageModel(directories.languageModel, { dtype });
    opened.push(languageModel);
    const tokenizer = loadTokenizer(
      directories.languageModel,
      inputs.answerToken === undefined ? {} : { additionalSpecialTokens: [inputs.answerToken] },
    );
    return {
      names,
      dtype,
      bytes: device.memory().allocated - before,
      encoder,
      input,
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
