import { OcelliError } from '../core/errors.js';
import { run } from '../core/run.js';
import { keep, scope } from '../core/scope.js';
import { formatShape, sameShape } from '../core/shape.js';
import { full, type Tensor } from '../core/tensor.js';
import { type GradientNode, needsGradient, noGrad, withGrad } from './node.js';

/**
 * Adds d(loss)/d(leaf) to `grad` of every leaf with `requiresGrad`, and frees the tape as it goes: what ops saved for
 * backward and the gradients of intermediate tensors. A second `backward()` through the same ops is an error.
 *
 * @param loss a tensor with one element, or any shape together with `gradient`.
 * @param gradient d(result)/d(loss), of the same shape; 1 by default.
 */
export function backward(loss: Tensor, gradient?: Tensor): void {
  if (!needsGradient(loss)) {
    throw new OcelliError(
      'backward',
      `no trainable tensor leads to this ${loss}; mark one with requiresGrad`,
    );
  }
  if (!gradient && loss.size !== 1) {
    throw new OcelliError(
      'backward',
      `needs a loss with one element, got ${formatShape(loss.shape)}; pass a gradient`,
    );
  }
  if (gradient && !sameShape(gradient.shape, loss.shape)) {
    throw new OcelliError(
      'backward',
      `gradient ${formatShape(gradient.shape)} does not fit the loss ${formatShape(loss.shape)}`,
    );
  }
  noGrad(() => {
    const seed = gradient ? gradient.detach() : full(loss.shape, 1);
    propagate(inReverseOrder(loss), new Map([[loss, seed]]));
  });
}

/** Takes gradients from tensor to tensor; they add up in `gradients` until all users of a tensor have been passed. */
function propagate(order: readonly Tensor[], gradients: Map<Tensor, Tensor>): void {
  for (const output of order) {
    const gradient = gradients.get(output);
    gradients.delete(output);
    if (!gradient) continue;
    const node = output.node;
    if (node === null) {
      collect(output, gradient);
      continue;
    }
    output.node = null;
    if ('replay' in node.pass) {
      replay(node, node.pass.replay, gradient, gradients);
    } else {
      const needs = node.inputs.map(needsGradient);
      const results = node.pass(gradient, needs);
      for (const [index, input] of node.inputs.entries()) {
        const result = results[index];
        if (!result) continue;
        if (!input || !needs[index]) {
          if (result !== gradient) result.dispose();
          continue;
        }
        add(gradients, input, result === gradient ? gradient.detach() : result);
      }
      gradient.dispose();
    }
    node.release();
  }
}

/**
 * Computes a node's output again, recorded this time, and takes the gradient down to the node's inputs. It adds to the same
 * map in the same order as if the ops had been recorded in the first place, so the sums are the same to the bit.
 */
function replay(
  node: GradientNode,
  body: () => Tensor,
  gradient: Tensor,
  gradients: Map<Tensor, Tensor>,
): void {
  scope(() => {
    const output = withGrad(body);
    if (!sameShape(output.shape, gradient.shape)) {
      throw replayError(
        `gave ${formatShape(gradient.shape)}, and ${formatShape(output.shape)} when run again`,
      );
    }
    const ends = new Set(node.inputs);
    if (!ends.has(output) && output.node === null) {
      throw replayError('used tensors that need a gradient, and none when run again');
    }
    add(gradients, output, gradient);
    if (!ends.has(output)) propagate(inReverseOrder(output, { ends, since: node.sequence }), gradients);
    return [...gradients.values()];
  });
}

function replayError(what: string): OcelliError {
  return new OcelliError(
    'recompute',
    `body ${what}; it must compute the same each time, from tensors that it was given or that exist already`,
  );
}

/**
 * Every tensor that the gradient reaches, outputs before the inputs that they were made from.
 *
 * @param part walk only through ops recorded after `since`, down to `ends`, which are left out.
 */
function inReverseOrder(loss: Tensor, part?: { ends: ReadonlySet<Tensor | null>; since: number }): Tensor[] {
  const seen = new Set<Tensor>([loss]);
  const pending = [loss];
  const recorded: { tensor: Tensor; node: GradientNode }[] = [];
  const leaves: Tensor[] = [];
  for (let tensor = pending.pop(); tensor; tensor = pending.pop()) {
    if (part?.ends.has(tensor)) continue;
    if (part && (tensor.node?.sequence ?? -1) < part.since) {
      throw replayError(`used the trainable ${tensor} only when run again`);
    }
    if (tensor.node === null) {
      leaves.push(tensor);
      continue;
    }
    recorded.push({ tensor, node: tensor.node });
    for (const input of tensor.node.inputs) {
      if (input && needsGradient(input) && !seen.has(input)) {
        seen.add(input);
        pending.push(input);
      }
    }
  }
  recorded.sort((a, b) => b.node.sequence - a.node.sequence);
  return [...recorded.map(({ tensor }) => tensor), ...leaves];
}

function add(gradients: Map<Tensor, Tensor>, input: Tensor, gradient: Tensor): void {
  const before = gradients.get(input);
  gradients.set(input, before ? accumulate(before, gradient) : gradient);
}

/** The sum, in the memory of `total` unless somebody else looks at it too; both arguments are used up. */
function accumulate(total: Tensor, gradient: Tensor): Tensor {
  const sum = owned(total);
  run('accumulate', [sum, gradient], [gradient.size]);
  gradient.dispose();
  return sum;
}

function owned(gradient: Tensor): Tensor {
  if (!gradient.storage('backward').isShared) return gradient;
  const copy = full(gradient.shape, 0);
  run('accumulate', [copy, gradient], [gradient.size]);
  gradient.dispose();
  return copy;
}

function collect(leaf: Tensor, gradient: Tensor): void {
  leaf.grad = keep(leaf.grad ? accumulate(leaf.grad, gradient) : owned(gradient));
}
