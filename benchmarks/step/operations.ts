import { epalmConfig, optConfig, type StepShape, vitConfig } from './settings.js';

/** Multiply-adds count as two; only products of matrices count. */
export interface StepOperations {
  /** The encoder on all pictures of the batch. */
  readonly encoder: number;
  /** Forward and backward of the language model, the head on supervised rows only. */
  readonly languageModel: number;
}

const linears = ({ width, feedForward }: { width: number; feedForward: number }): number =>
  2 * (4 * width * width + 2 * width * feedForward);

/** What a step has to compute: weights are frozen, so that backward of a linear is one product, not two. */
export function stepOperations({ batch, tokens }: StepShape): StepOperations {
  const { hidden_size: imageWidth, image_size: size, patch_size: patch, num_channels: channels } = vitConfig;
  const patches = (size / patch) ** 2;
  const encoderBlock =
    (patches + 1) * linears({ width: imageWidth, feedForward: vitConfig.intermediate_size }) +
    4 * (patches + 1) ** 2 * imageWidth;
  const encoder =
    vitConfig.num_hidden_layers * encoderBlock + 2 * patches * channels * patch * patch * imageWidth;
  const { hidden_size: width, ffn_dim: feedForward, num_hidden_layers: layers } = optConfig;
  const injected = epalmConfig.endLayer - epalmConfig.startLayer;
  let languageModel = 0;
  for (let layer = 0; layer < layers; layer++) {
    const hasRow = layer >= epalmConfig.startLayer && layer < epalmConfig.endLayer;
    const rows = epalmConfig.prompt.length + tokens + (hasRow ? 1 : 0);
    // Of a causal mask only the seen half counts; attention's backward has five products for forward's two.
    const attention = ((4 * rows * rows * width) / 2) * 3.5;
    languageModel += 2 * rows * linears({ width, feedForward }) + attention;
  }
  // The projections are trained: their features need no gradient, so that backward is one product, too.
  languageModel += injected * 2 * 2 * imageWidth * width;
  languageModel += 2 * 2 * (tokens - 1) * width * optConfig.vocab_size;
  return { encoder: batch * encoder, languageModel: batch * languageModel };
}
