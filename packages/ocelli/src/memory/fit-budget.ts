import { OcelliError } from '@ocelli/ops';
import { formatBytes } from './format-bytes.js';
import { type PlanParts, type TrainingPlan, trainingPlanner } from './plan-training.js';

/**
 * The plan of a training that recomputes as few blocks of the language model as `training.memoryBudget` asks for; the lowest
 * ones, whose second run comes when the others have freed what they keep.
 *
 * @throws {OcelliError} if the budget is too small with every block recomputed.
 */
export function fitBudget(parts: PlanParts): TrainingPlan {
  const plan = trainingPlanner(parts);
  const full = plan(new Set());
  const { memoryBudget: budget, batchSize } = parts.config.training;
  if (budget === undefined || full.total <= budget) return full;
  // Blocks that no gradient reaches keep nothing.
  const useful = full.step.layers.flatMap((bytes, layer) => (bytes > 0 ? [layer] : []));
  let least = full;
  for (let count = 1; count <= useful.length; count++) {
    const next = plan(new Set(useful.slice(0, count)));
    if (next.total <= budget) return next;
    if (next.total < least.total) least = next;
  }
  const { weights, featureTable, encoding, step } = least;
  const reason =
    step.before + encoding > step.peak
      ? `encoding pictures takes ${formatBytes(encoding)} beside them;`
      : `a step of ${batchSize} examples takes ${formatBytes(step.peak - step.before)} with every block recomputed; lower training.batchSize, or`;
  throw new OcelliError(
    'memory',
    `training.memoryBudget is ${formatBytes(budget)}, the least possible is ${formatBytes(least.total)}: frozen weights ` +
      `${formatBytes(weights)}, features of all pictures ${formatBytes(featureTable)}, and ${reason} raise the budget`,
  );
}

/** One line about what the budget changed, or null if nothing. */
export function describeBudget({ recomputed, step, total }: TrainingPlan, budget: number): string | null {
  if (recomputed.size === 0) return null;
  return (
    `memory budget ${formatBytes(budget)}: ${recomputed.size} of ${step.layers.length} blocks of the language model compute ` +
    `their activations twice (planned ${formatBytes(total)})`
  );
}
