import { concat, mean, OcelliError, reshape, scope, slice, type Tensor } from '@ocelli/ops';
import type { Encoder } from './encoder.js';

/** What an adapter reads from an encoder: the outputs of its last blocks, each through the encoder's final norm. */
export interface FeatureRequest {
  /** How many of the last blocks. */
  readonly layers: number;
  /** The class token only (the mean over all tokens, if there is none), or every token. */
  readonly tokens: 'class' | 'all';
}

/**
 * Features of a batch as eP-ALM reads them (the final LayerNorm is applied to every block's output), cut off from the
 * gradient.
 *
 * @param input `[batch, ...inputShape]`, as for the encoder's `forward`.
 * @returns `[batch, layers, tokens, width]`, shallowest block first; one token for `class`, which is the mean over all
 *   tokens of an encoder without a class token. Of an encoder that takes frames one by one, the mean over them.
 */
export function encodeFeatures(encoder: Encoder, input: Tensor, request: FeatureRequest): Tensor {
  const { layers, width, tokens, hasClassToken } = encoder.config;
  if (request.layers < 1 || request.layers > layers) {
    throw new OcelliError('features', `the encoder has ${layers} blocks, ${request.layers} were asked for`);
  }
  return scope(() => {
    const { hiddenStates } = encoder.forward(input, { outputHiddenStates: true });
    const batch = input.shape[0]!;
    const isClass = request.tokens === 'class';
    const levels = hiddenStates.slice(-request.layers).map((x) => {
      const rows = isClass && hasClassToken ? slice(x, 1, 0, 1) : x; // [batch or batch * frames, rows, width]
      const count = rows.shape[1]!;
      const perSample = rows.shape[0]! / batch;
      const samples =
        perSample === 1 ? rows : mean(reshape(rows, [batch, perSample, count, width]), { axis: 1 });
      const normed = encoder.normalize(samples); // [batch, rows, width]
      const read = isClass && !hasClassToken ? mean(normed, { axis: 1 }) : normed;
      return reshape(read, [batch, 1, isClass ? 1 : tokens, width]);
    });
    return concat(levels, 1);
  });
}
