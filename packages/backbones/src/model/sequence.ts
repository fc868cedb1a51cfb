import { arrangeRows, concat, full, OcelliError, reshape, slice, type Tensor } from '@ocelli/ops';

/**
 * What flows from block to block: the rows of every sample of a batch, padded to a rectangle or packed end to end.
 * `prependRows`, `replaceRows` and `dropRows` change them in either form.
 */
export interface Sequence {
  /** `[batch, rows, width]`; packed `[1, rows, width]`, one sample after another. */
  readonly hiddenStates: Tensor;
  /** uint8 `[batch, rows]`: 0 = padding, never attended to. Null: everything is attended, as in a packed batch. */
  readonly keyMask: Tensor | null;
  /** Packed: the rows of each sample, which attend to each other only. Null: padded, each sample has as many. */
  readonly lengths: readonly number[] | null;
  /**
   * A sample's first rows that ignore causality and padding and see all of it; 0 but for parity with released code.
   * Counted from the first row, whatever `prependRows` puts there.
   */
  readonly fullRows: number;
}

/**
 * Puts rows before those of each sample.
 *
 * @param rows `[batch, count, width]`, where `batch` counts samples in either form.
 */
export function prependRows(sequence: Sequence, rows: Tensor): Sequence {
  const count = countOf(sequence, rows);
  const { keyMask } = sequence;
  return {
    ...rearranged(sequence, rows, 0),
    keyMask: keyMask && concat([full([keyMask.shape[0]!, count], 1, 'uint8'), keyMask], 1),
  };
}

/** Puts rows `[batch, count, width]` in the place of each sample's first ones, which they leave masked if they were. */
export function replaceRows(sequence: Sequence, rows: Tensor): Sequence {
  return rearranged(sequence, rows, countOf(sequence, rows));
}

/** Takes away the first `count` rows of each sample. */
export function dropRows(sequence: Sequence, count: number): Sequence {
  if (count === 0) return sequence;
  const { keyMask, fullRows } = sequence;
  return {
    ...rearranged(sequence, null, count),
    keyMask: keyMask && slice(keyMask, 1, count, keyMask.shape[1]!),
    fullRows: Math.max(0, fullRows - count),
  };
}

/** How many rows each sample has. */
function rowsOf({ hiddenStates, lengths }: Sequence): readonly number[] {
  const [batch, rows] = hiddenStates.shape as [number, number];
  return lengths ?? new Array<number>(batch).fill(rows);
}

function countOf(sequence: Sequence, rows: Tensor): number {
  const [batch, count, width] = rows.shape;
  const samples = rowsOf(sequence).length;
  const expected = sequence.hiddenStates.shape[2];
  if (rows.rank === 3 && batch === samples && width === expected) return count!;
  throw new OcelliError(
    'sequence',
    `rows for ${samples} samples must be [${samples}, count, ${expected}], got [${rows.shape.join(', ')}]`,
  );
}

/** Each sample's new rows, then its old ones but for the first `dropped`; keyMask and fullRows are left to the caller. */
function rearranged(sequence: Sequence, rows: Tensor | null, dropped: number): Sequence {
  const { hiddenStates, lengths } = sequence;
  const old = rowsOf(sequence);
  const added = rows?.shape[1] ?? 0;
  const shortest = Math.min(...old);
  if (dropped > shortest) {
    throw new OcelliError('sequence', `a sample has ${shortest} rows, ${dropped} were to be taken away`);
  }
  const now = old.map((count) => added + count - dropped);
  const ids = new Int32Array(now.reduce((sum, count) => sum + count, 0));
  let place = 0;
  let next = old.length * added; // the rows of hiddenStates are counted after the new ones
  for (const [sample, count] of old.entries()) {
    for (let row = 0; row < added; row++) ids[place++] = sample * added + row;
    for (let row = dropped; row < count; row++) ids[place++] = next + row;
    next += count;
  }
  const width = hiddenStates.shape[2]!;
  const moved = arrangeRows(rows ? [rows, hiddenStates] : [hiddenStates], ids);
  return {
    ...sequence,
    hiddenStates: reshape(moved, lengths ? [1, ids.length, width] : [old.length, now[0]!, width]),
    lengths: lengths && now,
  };
}
