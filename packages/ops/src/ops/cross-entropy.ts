import { record } from '../autograd/node.js';
import { checkRank, checkShapeIs, checkType } from '../core/checks.js';
import { OcelliError } from '../core/errors.js';
import { run } from '../core/run.js';
import { empty, type Tensor } from '../core/tensor.js';
import { reduceLosses } from './reduce-losses.js';

export interface CrossEntropyOptions {
  /** Rows with this target count for nothing. Default -100. */
  readonly ignoreIndex?: number;
  /** `mean` over the rows that count (default; NaN if none does), their `sum`, or one loss per row. */
  readonly reduction?: 'mean' | 'sum' | 'none';
  /** Mass spread evenly over all classes. Default 0. */
  readonly labelSmoothing?: number;
}

/**
 * -log softmax(logits)[target], as torch.nn.functional.cross_entropy.
 *
 * @param logits `[rows, classes]` float32.
 * @param targets `[rows]` int32; values outside of the classes fail at the next wait.
 * @returns a scalar, or `[rows]` for `none`.
 */
export function crossEntropy(logits: Tensor, targets: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const { ignoreIndex = -100, labelSmoothing = 0 } = options;
  checkType('crossEntropy', 'logits', logits);
  checkType('crossEntropy', 'targets', targets, 'int32');
  checkRank('crossEntropy', 'logits', logits, 2, 2);
  const [rows, classes] = logits.shape as [number, number];
  checkShapeIs('crossEntropy', 'targets', targets, [rows]);
  checkSmoothing('crossEntropy', labelSmoothing);
  const scalars = [rows, classes, ignoreIndex, labelSmoothing];
  const losses = empty([rows]);
  const logSumExp = empty([rows]);
  run('cross_entropy', [logits, targets, losses, logSumExp], scalars);
  record(
    'crossEntropy',
    [logits],
    losses,
    (gradient) => {
      const dLogits = empty(logits.shape);
      run('cross_entropy_backward', [gradient, logits, logSumExp, targets, dLogits], scalars);
      return [dLogits];
    },
    [logSumExp],
    [logits, targets],
  );
  return reduceLosses(losses, targets, options);
}

export function checkSmoothing(operation: string, labelSmoothing: number): void {
  if (labelSmoothing >= 0 && labelSmoothing < 1) return;
  throw new OcelliError(operation, `labelSmoothing must be in [0, 1), got ${labelSmoothing}`);
}
