import { OcelliError } from '@ocelli/ops';
import { deriveRandom } from './derive-random.js';
import type { OrderContext } from './task.js';

/** How examples are put in order. */
export interface OrderOptions {
  /** Number of examples. */
  readonly length: number;
  readonly batchSize: number;
  /** The same seed gives the same order on every machine. */
  readonly seed: number;
  /** Size of each example, in tokens: batches are then made of examples of similar size. */
  readonly lengths?: readonly number[];
  /** With `lengths`: examples are sorted within stretches of this many batches of the shuffled order. Default 50. */
  readonly windowBatches?: number;
  /** Leaves out the rest of each epoch that does not fill a batch. Default false: it makes a smaller one. */
  readonly dropLast?: boolean;
  /** An order of its own, as `TrainingTask.batches`. Default: all examples shuffled. */
  readonly batches?: ((context: OrderContext) => Iterator<readonly number[]>) | undefined;
}

/** Where an order stands, and what it is an order of. */
export interface OrderState {
  /** Batches given out since the start. */
  readonly position: number;
  readonly length: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly windowBatches: number | null;
  readonly dropLast: boolean;
  /** `task` for an order of its own. */
  readonly source?: 'task' | undefined;
}

/**
 * A reproducible order of examples: each epoch is shuffled anew, from the seed and the number of the epoch alone, so
 * that a position is all there is to save.
 */
export class ExampleOrder {
  /** Batches of one epoch. */
  readonly batchesPerEpoch: number;
  readonly #options: OrderOptions;
  readonly #windowBatches: number;
  #position = 0;
  #epoch = -1;
  #batches: number[][] = [];
  /** An order of its own on its way, and the position of its next batch. */
  #own: { readonly iterator: Iterator<readonly number[]>; next: number } | null = null;

  constructor(options: OrderOptions) {
    const { length, batchSize, seed, lengths, windowBatches = 50, dropLast = false } = options;
    checkCount('length', length);
    checkCount('batchSize', batchSize);
    checkCount('windowBatches', windowBatches);
    if (!Number.isSafeInteger(seed))
      throw new OcelliError('order', `seed must be a whole number, got ${seed}`);
    if (lengths && lengths.length !== length) {
      throw new OcelliError(
        'order',
        `lengths has ${lengths.length} entries for ${length} examples; give one for each`,
      );
    }
    if (dropLast && length < batchSize) {
      throw new OcelliError(
        'order',
        `${length} examples do not fill one batch of ${batchSize}, and dropLast leaves out what does not; take a smaller batch`,
      );
    }
    this.#options = options;
    this.#windowBatches = windowBatches;
    this.batchesPerEpoch = dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize);
  }

  /** Batches given out so far. */
  get position(): number {
    return this.#position;
  }

  /** The examples of the next batch. */
  next(): readonly number[] {
    return this.batchAt(this.#position++);
  }

  /** The examples of batch `position`, counted from the start of the first epoch. */
  batchAt(position: number): readonly number[] {
    const epoch = Math.floor(position / this.batchesPerEpoch);
    if (this.#options.batches) return this.#ownBatch(epoch, position);
    if (epoch !== this.#epoch) {
      this.#batches = this.#shuffled(epoch);
      this.#epoch = epoch;
    }
    return this.#batches[position % this.batchesPerEpoch]!;
  }

  /** What `restore` needs to go on from here. */
  state(): OrderState {
    return { position: this.#position, ...this.#description() };
  }

  /** Goes on where `state` was taken; an order of other examples, seed or batch size is an error. */
  restore(state: OrderState): void {
    for (const [name, value] of Object.entries(this.#description())) {
      const saved = state[name as keyof OrderState];
      if (saved !== value) {
        throw new OcelliError(
          'order',
          `saved with ${name} ${saved}, but ${name} is now ${value}; the order would differ, so take ${saved} or start anew`,
        );
      }
    }
    this.#position = state.position;
  }

  #description(): Omit<OrderState, 'position'> {
    const { length, batchSize, seed, lengths, dropLast = false, batches } = this.#options;
    return {
      length,
      batchSize,
      seed,
      windowBatches: lengths ? this.#windowBatches : null,
      dropLast,
      source: batches ? 'task' : undefined,
    };
  }

  #ownBatch(epoch: number, position: number): readonly number[] {
    const start = position % this.batchesPerEpoch;
    if (this.#own?.next !== position || start === 0) {
      const { batchSize, seed, dropLast = false, batches } = this.#options;
      this.#own = { iterator: batches!({ batchSize, seed, epoch, start, dropLast }), next: position };
    }
    this.#own.next++;
    const { value, done } = this.#own.iterator.next();
    if (!done) return value;
    throw new OcelliError(
      'order',
      `the task's order ends before batch ${start} of the ${this.batchesPerEpoch} of an epoch; give every example once`,
    );
  }

  #shuffled(epoch: number): number[][] {
    const { length, batchSize, seed, lengths } = this.#options;
    const random = deriveRandom(seed, epoch);
    const used = Math.min(length, this.batchesPerEpoch * batchSize);
    const order = random.shuffle(Array.from({ length }, (_, index) => index)).slice(0, used);
    if (!lengths) return cut(order, batchSize);
    const windows = cut(order, this.#windowBatches * batchSize);
    const batches = windows.flatMap((window) =>
      cut(
        window.sort((a, b) => lengths[a]! - lengths[b]!),
        batchSize,
      ),
    );
    return random.shuffle(batches);
  }
}

function cut(items: readonly number[], size: number): number[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

function checkCount(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new OcelliError('order', `${name} must be a whole number from 1, got ${value}`);
  }
}
