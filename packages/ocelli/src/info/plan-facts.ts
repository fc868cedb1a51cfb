import { formatBytes } from '../memory/format-bytes.js';
import type { TrainingPlan } from '../memory/plan-training.js';
import type { Facts } from './facts.js';

/** A plan in sections, sizes for people. */
export function planFacts(plan: TrainingPlan, settings: { batchSize: number }): Record<string, Facts> {
  const { step, recomputed } = plan;
  const layers = step.layers.map((bytes, layer): [string, string] => [
    `block ${layer}`,
    `${formatBytes(bytes)}${recomputed.has(layer) ? ' (recomputed)' : ''}`,
  ]);
  return {
    'held throughout': {
      'frozen weights, packed': formatBytes(plan.weights),
      'adapter parameters': formatBytes(plan.adapter),
      'AdamW moments': formatBytes(step.moments),
      'features of all pictures': formatBytes(plan.featureTable),
    },
    [`a step of ${settings.batchSize} of the longest texts`]: {
      gradients: formatBytes(step.gradients),
      features: formatBytes(step.features),
      ...Object.fromEntries(layers),
      'head, loss and work in flight': formatBytes(step.inFlight),
    },
    'at once, at most': {
      'encoding pictures, before training': formatBytes(plan.encoding + plan.weights + plan.adapter),
      training: formatBytes(step.peak + plan.featureTable),
      sum: formatBytes(plan.total),
    },
  };
}

/** A plan as JSON: bytes. */
export function planJson({ recomputed, ...plan }: TrainingPlan): object {
  return { ...plan, recomputed: [...recomputed] };
}
