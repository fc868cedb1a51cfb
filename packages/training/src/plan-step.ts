import type { Hooks } from '@ocelli/backbones';
import { AdamW, backward, device, dryRun, empty, scope } from '@ocelli/ops';
import type { ImageTextTask } from './image-text-task.js';

/** Bytes on the device that a training step takes, as the allocator counts them (blocks, with their rounding). */
export interface StepPlan {
  /** In use before: frozen weights and the adapter's tensors. */
  readonly before: number;
  /** AdamW's two moments. */
  readonly moments: number;
  readonly gradients: number;
  /** The encoder's features of a batch. */
  readonly features: number;
  /** What each block of the language model, with the rows injected before it, keeps for the backward pass. */
  readonly layers: readonly number[];
  /** What else is in use where most is: embeddings, logits, loss, and what is being computed. */
  readonly inFlight: number;
  /** The most that is in use at once: at least the sum of the others. */
  readonly peak: number;
}

/**
 * Plans a step of a task by a dry run of it: forward, backward and AdamW on the largest batch that its examples can make,
 * with nothing computed.
 *
 * @param featureShape of one item: `[layers, tokens, width]`.
 */
export function planStep(task: ImageTextTask, batchSize: number, featureShape: readonly number[]): StepPlan {
  return dryRun(() =>
    scope(() => {
      const allocated = (): number => device.memory().allocated;
      const before = allocated();
      const parameters = [...task.parameters.values()].map(({ tensor }) => tensor);
      const optimizer = new AdamW([{ parameters, learningRate: 0 }]);
      const moments = allocated() - before;
      const size = Math.min(batchSize, task.length);
      const features = empty([size, ...featureShape]);
      const ready = allocated();
      device.resetPeakMemory();
      const marks: number[] = [];
      const watch: Hooks = {
        // Before each block and after the last; hooks at other sites would keep linears from being fused.
        override: (_, sequence) => {
          marks.push(allocated());
          return sequence;
        },
      };
      const loss = scope(() => task.loss(task.largestBatch(features), [watch]));
      backward(loss);
      loss.dispose();
      const gradients = allocated() - ready;
      const { peak } = device.memory();
      for (const parameter of parameters) {
        parameter.grad?.dispose();
        parameter.grad = null;
      }
      optimizer.dispose();
      const layers = marks.slice(1).map((mark, layer) => Math.max(0, mark - marks[layer]!));
      const rest = ready + gradients + layers.reduce((sum, bytes) => sum + bytes, 0);
      return {
        before,
        moments,
        gradients,
        features: ready - before - moments,
        layers,
        inFlight: Math.max(0, peak - rest),
        peak: Math.max(peak, ready + gradients),
      };
    }),
  );
}
