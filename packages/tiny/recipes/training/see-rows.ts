import type { Hooks } from '@ocelli/backbones';
import { gatherRows, reshape, tensor } from '@ocelli/ops';

/**
 * Lets an encoder see some tokens of each input only, in their places, for a part of the work.
 *
 * @param rows of `[batch * tokens]`, as many for each input.
 */
export function seeRows(rows: Int32Array): Hooks {
  return {
    override(layer, sequence) {
      if (layer > 0) return sequence;
      const [batch, tokens, width] = sequence.hiddenStates.shape as [number, number, number];
      const flat = reshape(sequence.hiddenStates, [batch * tokens, width]);
      const seen = gatherRows(flat, tensor(rows));
      return { ...sequence, hiddenStates: reshape(seen, [batch, rows.length / batch, width]) };
    },
  };
}
