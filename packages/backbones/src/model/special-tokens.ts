import { add, type Tensor, zeros } from '@ocelli/ops';

/** The same learned tokens for every sample: `[1, tokens, width]` → `[batch, tokens, width]`. */
export function repeatTokens(tokens: Tensor, batch: number): Tensor {
  return add(zeros([batch, ...tokens.shape.slice(1)]), tokens);
}
