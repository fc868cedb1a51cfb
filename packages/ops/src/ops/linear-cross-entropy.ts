import { type Backward, needsGradient, record, willRecord } from '../autograd/node.js';
import { checkRank, checkShapeIs, checkType } from '../core/checks.js';
import { OcelliError } from '../core/errors.js';
import { currentDevice } from '../core/open-device.js';
import { run } from '../core/run.js';
import { formatShape } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';
import { type CrossEntropyOptions, checkSmoothing } from './cross-entropy.js';
import { PackedWeight } from './packed-weight.js';
import { reduceLosses } from './reduce-losses.js';

/** As the kernel cuts its work: rows that share a pass over the weight, and ranges of classes with sums of their own. */
const slabRows = 256;
const classRanges = 16;
/** In place of a packed weight's format. */
const plainWeight = -1;

/**
 * `crossEntropy(linear(x, weight), targets, options)`, without the logits: they are made and used up in blocks that
 * stay in the cache, together with the gradient of `x` where one is needed. Rows with an ignored target cost nothing.
 *
 * @param x `[rows, width]` float32.
 * @param weight `[classes, width]`: a `PackedWeight`, or a tensor, which may be trainable; its gradient computes the
 *   logits once more.
 * @param targets `[rows]` int32; values outside of the classes fail at the next wait.
 * @returns a scalar, or `[rows]` for `none`.
 */
export function linearCrossEntropy(
  x: Tensor,
  weight: Tensor | PackedWeight,
  targets: Tensor,
  options: CrossEntropyOptions = {},
): Tensor {
  const { ignoreIndex = -100, labelSmoothing = 0 } = options;
  const name = 'linearCrossEntropy';
  checkType(name, 'x', x);
  checkType(name, 'targets', targets, 'int32');
  checkRank(name, 'x', x, 2, 2);
  const [rows, width] = x.shape as [number, number];
  const [classes, inputs] = weight.shape as [number, number];
  if (weight.shape.length !== 2 || inputs !== width) {
    throw new OcelliError(
      name,
      `weight ${formatShape(weight.shape)} expects ${inputs} input features, got ${width} (x is ${formatShape(x.shape)})`,
    );
  }
  checkShapeIs(name, 'targets', targets, [rows]);
  checkSmoothing(name, labelSmoothing);
  const packed = weight instanceof PackedWeight;
  if (!packed) checkType(name, 'weight', weight);
  const values = packed ? weight.packed : weight;
  const factors = packed ? weight.factors : null;
  const scalars = [rows, width, classes, packed ? weight.format : plainWeight, ignoreIndex, labelSmoothing];

  const losses = empty([rows]);
  const logSumExp = empty([rows]);
  // The gradient of each row's own loss, made while its logits are at hand.
  const dx = willRecord([x]) ? empty(x.shape) : null;
  const { panelWidth } = currentDevice().native;
  const lanes = Math.ceil(Math.min(rows, slabRows) / panelWidth) * panelWidth;
  const partial = dx ? empty([classRanges, lanes, width]) : null;
  run('linear_cross_entropy', [x, values, factors, targets, losses, logSumExp, dx, partial], scalars);
  partial?.dispose();
  const backward: Backward = (gradient, [, needsWeight]) => {
    const dWeight = needsWeight ? empty(weight.shape) : null;
    if (dWeight) {
      const tensors = [gradient, x, values, targets, logSumExp, dWeight];
      run('linear_cross_entropy_backward_weight', tensors, scalars);
    }
    if (dx) run('binary', [dx, gradient, dx], [rows, width, 1, 2]); // times each row's factor
    return [dx?.detach() ?? null, dWeight];
  };
  const made = dx ? [logSumExp, dx] : [logSumExp];
  const read = !packed && needsGradient(weight) ? [x, weight, targets] : [];
  record(name, [x, packed ? null : weight], losses, backward, made, read);
  return reduceLosses(losses, targets, options);
}
