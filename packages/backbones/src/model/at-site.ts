import type { Tensor } from '@ocelli/ops';
import type { HookContext, HookList, Site } from './hooks.js';

/** Lets hooks read, then map, the activation at a site of a layer. */
export function atSite(hooks: HookList, site: Site, layer: number, x: Tensor, context: HookContext): Tensor {
  for (const hook of hooks) hook.tap?.(site, layer, x);
  let y = x;
  for (const hook of hooks) y = hook.map?.(site, layer, y, context) ?? y;
  return y;
}
