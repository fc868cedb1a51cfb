import type { LinearActivation } from '@ocelli/ops';
import { z } from 'zod';

const activations = {
  relu: 'relu',
  gelu: 'gelu',
  gelu_python: 'gelu',
  gelu_new: 'geluTanh',
  gelu_fast: 'geluTanh',
  gelu_pytorch_tanh: 'geluTanh',
  gelu_python_tanh: 'geluTanh',
  gelu_accurate: 'geluTanh',
  silu: 'silu',
  swish: 'silu',
  quick_gelu: 'quickGelu',
} as const satisfies Record<string, LinearActivation>;

/** A feed-forward's activation under the name that transformers has for it (`ACT2FN`), as the op that computes it. */
export const activationName = z
  .enum(Object.keys(activations) as [keyof typeof activations, ...(keyof typeof activations)[]])
  .transform((name): LinearActivation => activations[name]);
