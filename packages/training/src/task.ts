import type { Random, Tensor } from '@ocelli/ops';

/** A trainable tensor and the group whose learning rate, weight decay and schedule it follows. */
export interface TrainingParameter {
  readonly tensor: Tensor;
  readonly group: string;
}

/** What a batch is made for. */
export interface BatchContext {
  /** The step that it is for; 0 for the first. */
  readonly step: number;
  /**
   * For whatever is drawn at random, such as augmentation: a stream of this batch alone, the same in a resumed run. Use
   * no other source of chance, or a resumed run differs.
   */
  readonly random: Random;
}

/** What an order of examples follows from: the same values give the same order on every machine. */
export interface OrderContext {
  readonly batchSize: number;
  readonly seed: number;
  /** 0 for the first. */
  readonly epoch: number;
  /** Batches of this epoch to leave out: where a run that was stopped goes on. */
  readonly start: number;
  /** Leaves out the rest of the epoch that fills no batch. */
  readonly dropLast: boolean;
}

/**
 * How examples become a loss: all that the trainer knows of a task. `Batch` is what `prepare` hands to `loss`.
 */
export interface TrainingTask<Batch> {
  /** Number of examples. */
  readonly length: number;
  /** What is trained, under the names that checkpoints use. */
  readonly parameters: ReadonlyMap<string, TrainingParameter>;
  /** Size of each example, such as its number of tokens, for batches of similar length. */
  readonly lengths?: readonly number[];
  /**
   * The batches of an epoch from `start` on, every example in one of them. Default: all examples shuffled, which takes memory
   * for each.
   */
  batches?(context: OrderContext): Iterator<readonly number[]>;
  /** Reads and arranges the examples of a batch. Called one step ahead, while the device still computes. */
  prepare(indices: readonly number[], context: BatchContext): Promise<Batch>;
  /** The loss, one number on the device. Synchronous; called inside a `scope` that frees everything but the loss. */
  loss(batch: Batch): Tensor;
  /**
   * What a batch counts when several are accumulated into one step, such as its number of target tokens for a loss that
   * is a mean over them; then accumulation gives the gradient of one large batch. All count the same by default.
   */
  weight?(batch: Batch): number;
  /** Frees the device memory of a batch; called once for each, after its loss or if it is never used. */
  release?(batch: Batch): void;
}
