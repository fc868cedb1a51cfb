import { add, gelu, geluTanh, type LinearActivation, quickGelu, relu, silu, type Tensor } from '@ocelli/ops';
import type { HookList, LinearName } from './hooks.js';
import type { Linear } from './weights.js';

const activations: Record<LinearActivation, (x: Tensor) => Tensor> = {
  relu,
  gelu,
  geluTanh,
  silu,
  quickGelu,
};

/** What follows a block's linear. */
export interface LinearFollowers {
  readonly activation?: LinearActivation;
  /** Reads and maps the result at its site, if any hook does; before the residual is added. */
  readonly atSite?: (y: Tensor) => Tensor;
  readonly residual?: Tensor;
}

/**
 * One of a block's linears with its hooks and what follows it, as one fused op where no hook looks in between.
 *
 * @param x `[..., inputs]`.
 * @returns `[..., outputs]`.
 */
export function applyLinear(
  linear: Linear,
  place: { readonly name: LinearName; readonly layer: number; readonly hooks: HookList },
  x: Tensor,
  { activation, atSite, residual }: LinearFollowers = {},
): Tensor {
  const { name, layer, hooks } = place;
  const isWatched = hooks.some((hook) => hook.linear || (atSite && (hook.map || hook.tap)));
  if (!isWatched) return linear.forward(x, { activation: activation ?? null, residual: residual ?? null });
  let y = linear.forward(x);
  for (const hook of hooks) y = hook.linear?.(name, layer, x, y) ?? y;
  if (activation) y = activations[activation](y);
  if (atSite) y = atSite(y);
  return residual ? add(residual, y) : y;
}
