import { backward, tensor } from '@ocelli/ops';
import { describe, expect, it } from 'vitest';
import { dropRows, prependRows, replaceRows, type Sequence } from './sequence.js';

/** Rows of one number each, twice: sample 0 has 10, 11, 12 and sample 1 has 20, 21, 22, packed without its last. */
function sequences(): [name: string, sequence: Sequence][] {
  const padded = tensor([10, 11, 12, 20, 21, 22], [2, 3, 1]);
  const packed = tensor([10, 11, 12, 20, 21], [1, 5, 1]);
  const keyMask = tensor([1, 1, 1, 1, 1, 0], [2, 3], 'uint8');
  return [
    ['padded', { hiddenStates: padded, keyMask, lengths: null, fullRows: 2 }],
    ['packed', { hiddenStates: packed, keyMask: null, lengths: [3, 2], fullRows: 2 }],
  ];
}

const added = () => tensor([1, 2, 3, 4], [2, 2, 1]); // two rows for each sample
const isPadded = (name: string) => name === 'padded';

describe.each(sequences())('rows of a %s sequence', (name, sequence) => {
  const look = async ({ hiddenStates, keyMask, lengths, fullRows }: Sequence) => ({
    rows: [...(await hiddenStates.data())],
    shape: hiddenStates.shape,
    mask: keyMask && [...(await keyMask.data<'uint8'>())],
    lengths,
    fullRows,
  });

  it('are put before each sample', async () => {
    expect(await look(prependRows(sequence, added()))).toEqual(
      isPadded(name)
        ? {
            rows: [1, 2, 10, 11, 12, 3, 4, 20, 21, 22],
            shape: [2, 5, 1],
            mask: [1, 1, 1, 1, 1, 1, 1, 1, 1, 0],
            lengths: null,
            fullRows: 2,
          }
        : {
            rows: [1, 2, 10, 11, 12, 3, 4, 20, 21],
            shape: [1, 9, 1],
            mask: null,
            lengths: [5, 4],
            fullRows: 2,
          },
    );
  });

  it('are replaced at the beginning of each sample', async () => {
    const rows = [1, 2, 12, 3, 4, ...(isPadded(name) ? [22] : [])];
    expect(await look(replaceRows(sequence, added()))).toEqual({ ...(await look(sequence)), rows });
  });

  it('are dropped at the beginning of each sample', async () => {
    expect(await look(dropRows(sequence, 1))).toEqual(
      isPadded(name)
        ? { rows: [11, 12, 21, 22], shape: [2, 2, 1], mask: [1, 1, 1, 0], lengths: null, fullRows: 1 }
        : { rows: [11, 12, 21], shape: [1, 3, 1], mask: null, lengths: [2, 1], fullRows: 1 },
    );
    expect(dropRows(sequence, 0)).toBe(sequence);
  });

  it('pass the gradient on to where they came from', async () => {
    const rows = added().asParameter();
    const hiddenStates = sequence.hiddenStates.detach().asParameter();
    const result = dropRows(replaceRows({ ...sequence, hiddenStates }, rows), 1).hiddenStates;
    backward(
      result,
      tensor(
        Float32Array.from({ length: result.size }, (_, i) => i + 1),
        result.shape,
      ),
    );
    // The first new row is dropped, the second kept; of the old rows only those from the third on are left.
    expect([...(await rows.grad!.data())]).toEqual([0, 1, 0, 3]);
    expect([...(await hiddenStates.grad!.data())]).toEqual(
      isPadded(name) ? [0, 0, 2, 0, 0, 4] : [0, 0, 2, 0, 0],
    );
  });

  it('are refused where they do not fit', () => {
    expect(() => prependRows(sequence, tensor([1, 2, 3], [3, 1, 1]))).toThrow(
      '[sequence] rows for 2 samples must be [2, count, 1], got [3, 1, 1]',
    );
    expect(() => dropRows(sequence, 4)).toThrow(
      `a sample has ${isPadded(name) ? 3 : 2} rows, 4 were to be taken away`,
    );
  });
});
