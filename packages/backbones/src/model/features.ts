import { concat, OcelliError, reshape, scope, slice, type Tensor } from '@ocelli/ops';
import type { Encoder } from './encoder.js';

/** What an adapter reads from an encoder: the outputs of its last blocks, each through the encoder's final norm. */
export interface FeatureRequest {
  /** How many of the last blocks. */
  readonly layers: number;
  /** The class token only, or every token. */
  readonly tokens: 'class' | 'all';
}

/**
 * Features of a batch as eP-ALM reads them (the final LayerNorm is applied to every block's output), cut off from the
 * gradient.
 *
 * @param pixels `[batch, channels, height, width]`.
 * @returns `[batch, layers, tokens, width]`, shallowest block first; one token for `class`.
 */
export function encodeFeatures(encoder: Encoder, pixels: Tensor, request: FeatureRequest): Tensor {
  const { layers, width, tokens } = encoder.config;
  if (request.layers < 1 || request.layers > layers) {
    throw new OcelliError('features', `the encoder has ${layers} blocks, ${request.layers} were asked for`);
  }
  return scope(() => {
    const { hiddenStates } = encoder.forward(pixels, { outputHiddenStates: true });
    const batch = pixels.shape[0]!;
    const count = request.tokens === 'class' ? 1 : tokens;
    const levels = hiddenStates.slice(-request.layers).map((x) => {
      const rows = request.tokens === 'class' ? slice(x, 1, 0, 1) : x;
      return reshape(encoder.normalize(rows), [batch, 1, count, width]);
    });
    return concat(levels, 1);
  });
}
