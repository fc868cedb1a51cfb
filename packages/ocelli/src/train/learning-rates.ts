import type { Adapter } from '@ocelli/adapters';

/** One learning rate for each group of the adapter's parameters; the soft prompt may have its own. */
export function learningRates(
  adapter: Adapter,
  learningRate: number,
  promptLearningRate: number | undefined,
): Record<string, number> {
  const groups = new Set([...adapter.parameters.values()].map(({ group }) => group));
  return Object.fromEntries(
    [...groups].map((group) => [
      group,
      group === 'prompt' ? (promptLearningRate ?? learningRate) : learningRate,
    ]),
  );
}
