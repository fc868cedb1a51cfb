import { run } from '../core/run.js';
import { empty, type Tensor } from '../core/tensor.js';
import { divide } from './arithmetic.js';
import type { CrossEntropyOptions } from './cross-entropy.js';
import { sum } from './reduce.js';

/** One loss per row to what `reduction` asks for; frees `losses` unless they are it. */
export function reduceLosses(losses: Tensor, targets: Tensor, options: CrossEntropyOptions): Tensor {
  const { ignoreIndex = -100, reduction = 'mean' } = options;
  if (reduction === 'none') return losses;
  const total = sum(losses);
  losses.dispose();
  if (reduction === 'sum') return total;
  const counted = empty([]);
  run('count_targets', [targets, counted], [losses.size, ignoreIndex]);
  const mean = divide(total, counted);
  for (const tensor of [total, counted]) tensor.dispose();
  return mean;
}
