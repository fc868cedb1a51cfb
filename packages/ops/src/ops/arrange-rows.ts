import { type Backward, record } from '../autograd/node.js';
import { checkRank, checkType } from '../core/checks.js';
import { OcelliError } from '../core/errors.js';
import { run } from '../core/run.js';
import { formatShape } from '../core/shape.js';
import { empty, type Tensor, tensor } from '../core/tensor.js';

/**
 * Rows of one tensor, or of two laid end to end, in a new arrangement: kept, dropped, or put between each other. Each
 * goes to one place at most, so that the gradient too is a single copy; `gatherRows` is for rows that repeat.
 *
 * @param sources `[..., width]` float32, of the same width; their rows are counted through.
 * @param ids which row comes where, without repeats.
 * @returns `[ids.length, width]`.
 */
export function arrangeRows(sources: readonly [Tensor, Tensor?], ids: Int32Array): Tensor {
  const tensors = sources.filter((source) => source !== undefined);
  const width = sources[0].shape.at(-1) ?? 0;
  for (const source of tensors) {
    checkType('arrangeRows', 'source', source);
    checkRank('arrangeRows', 'source', source, 1);
    if (source.shape.at(-1) === width) continue;
    throw new OcelliError(
      'arrangeRows',
      `sources differ in width: ${tensors.map((x) => formatShape(x.shape)).join(' and ')}`,
    );
  }
  const counts = tensors.map(({ size }) => size / Math.max(1, width));
  const places = placesOf(
    ids,
    counts.reduce((sum, count) => sum + count, 0),
  );
  const backward: Backward = (gradient, needs) =>
    tensors.map((source, i) => {
      if (!needs[i]) return null;
      const begin = i === 0 ? 0 : counts[0]!;
      return arranged([gradient], places.subarray(begin, begin + counts[i]!), ids.length, source.shape);
    });
  return record('arrangeRows', tensors, arranged(sources, ids, counts[0]!), backward, [], []);
}

/** Which row of the arrangement each row of the sources became: -1 for none. */
function placesOf(ids: Int32Array, rows: number): Int32Array {
  const places = new Int32Array(rows).fill(-1);
  for (const [place, id] of ids.entries()) {
    if (places[id] === undefined) {
      throw new OcelliError('arrangeRows', `there is no row ${id} among ${rows}`);
    }
    if (places[id] !== -1) {
      throw new OcelliError(
        'arrangeRows',
        `row ${id} is asked for twice; use gatherRows for rows that repeat`,
      );
    }
    places[id] = place;
  }
  return places;
}

function arranged(
  [first, second]: readonly [Tensor, Tensor?],
  ids: Int32Array,
  firstRows: number,
  shape?: readonly number[],
): Tensor {
  const width = first.shape.at(-1)!;
  const result = empty(shape ?? [ids.length, width]);
  using rows = tensor(ids);
  run('arrange_rows', [first, second ?? null, rows, result], [ids.length, width, firstRows]);
  return result;
}
