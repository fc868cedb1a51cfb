import { noGrad, scope } from '@ocelli/ops';
import { deriveRandom } from './derive-random.js';
import type { TrainingTask } from './task.js';

/** The mean loss over every example of a task, without training: batches count by `task.weight`. */
export async function evaluateLoss<Batch>(task: TrainingTask<Batch>, batchSize: number): Promise<number> {
  let sum = 0;
  let total = 0;
  for (let begin = 0; begin < task.length; begin += batchSize) {
    const size = Math.min(batchSize, task.length - begin);
    const indices = Array.from({ length: size }, (_, i) => begin + i);
    const batch = await task.prepare(indices, { step: 0, random: deriveRandom(0, begin) });
    const weight = task.weight?.(batch) ?? 1;
    let value: Promise<number>;
    try {
      value = scope(() => noGrad(() => task.loss(batch).item()));
    } finally {
      task.release?.(batch);
    }
    sum += weight * (await value);
    total += weight;
  }
  return sum / total;
}
