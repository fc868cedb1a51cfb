export interface InjectionPlan {
  readonly features: number;
  readonly startLayer: number;
  readonly endLayer: number;
  readonly layerStep: number;
  readonly oncePerFeature: boolean;
}

/**
 * Which feature goes into which layer (eP-ALM's decoder loop): the layers from start to end are cut into K stretches,
 * shallow features first; with `layerStep` only layers whose number is a multiple of it take one.
 *
 * @returns layer → feature, in order of layers.
 */
export function injectionMap(plan: InjectionPlan): ReadonlyMap<number, number> {
  const { features, startLayer, endLayer } = plan;
  const span = endLayer - startLayer;
  const stretch =
    features === 1 ? Number.POSITIVE_INFINITY : span > features ? Math.floor(span / features) : 1;
  const step =
    plan.oncePerFeature && Number.isFinite(stretch) ? Math.max(stretch, plan.layerStep) : plan.layerStep;
  const map = new Map<number, number>();
  for (let layer = startLayer; layer < endLayer; layer++) {
    if (layer % step !== 0) continue;
    map.set(layer, Math.min(Math.floor((layer - startLayer) / stretch), features - 1));
  }
  return map;
}
