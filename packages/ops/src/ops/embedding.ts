import { record } from '../autograd/node.js';
import { checkRank, checkType } from '../core/checks.js';
import { bytesPerElement } from '../core/dtype.js';
import { run } from '../core/run.js';
import { sizeOf } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';
import { cast } from './cast.js';
import { PackedWeight } from './packed-weight.js';

/**
 * Rows of a table by id, as torch.nn.functional.embedding.
 *
 * @param table `[rows, width]`: a float32 tensor, or a `PackedWeight`, whose rows come as its type has stored them: the head
 *   of a model that is also its token table.
 * @param ids int32 of any shape; an id outside of the table fails at the next wait.
 * @returns `[...ids, width]` float32.
 */
export function embedding(table: Tensor | PackedWeight, ids: Tensor): Tensor {
  checkType('embedding', 'ids', ids, 'int32');
  if (table instanceof PackedWeight) {
    const [rows, width] = table.shape as [number, number];
    const y = empty([...ids.shape, width]);
    run('embedding_packed', [table.packed, table.factors, ids, y], [ids.size, width, rows, table.format]);
    return y;
  }
  checkType('embedding', 'table', table);
  checkRank('embedding', 'table', table, 2, 2);
  return rowsOf('embedding', table, ids, [...ids.shape, table.shape[1]!]);
}

/**
 * Entries of the first axis by number, in any order, repeats allowed.
 *
 * @param x `[rows, ...]` of any type.
 * @param ids int32 `[count]`.
 * @returns `[count, ...]`.
 */
export function gatherRows(x: Tensor, ids: Tensor): Tensor {
  checkType('gatherRows', 'ids', ids, 'int32');
  checkRank('gatherRows', 'x', x, 1);
  checkRank('gatherRows', 'ids', ids, 1, 1);
  const shape = [ids.shape[0]!, ...x.shape.slice(1)];
  if (bytesPerElement[x.dtype] === 4) return rowsOf('gatherRows', x, ids, shape);
  // The kernel moves words of four bytes; smaller types (masks, half floats) take the way over one.
  const wide = cast(x, x.dtype === 'uint8' ? 'int32' : 'float32');
  const rows = rowsOf('gatherRows', wide, ids, shape);
  const narrow = cast(rows, x.dtype);
  wide.dispose();
  rows.dispose();
  return narrow;
}

function rowsOf(name: string, table: Tensor, ids: Tensor, shape: readonly number[]): Tensor {
  const rows = table.shape[0]!;
  const sizes = [ids.size, sizeOf(table.shape.slice(1)), rows];
  const y = empty(shape, table.dtype);
  run('embedding', [table, ids, y], sizes);
  const backward = (gradient: Tensor): Tensor[] => {
    const dTable = empty(table.shape);
    run('embedding_backward', [gradient, ids, dTable], sizes);
    return [dTable];
  };
  return record(name, [table], y, backward, [], [ids]);
}
