import { record } from '../autograd/node.js';
import { checkRank, checkType } from '../core/checks.js';
import { bytesPerElement } from '../core/dtype.js';
import { OcelliError } from '../core/errors.js';
import { run } from '../core/run.js';
import { sizeOf } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';

/**
 * Rows of a table by id, as torch.nn.functional.embedding.
 *
 * @param table `[rows, width]` float32.
 * @param ids int32 of any shape; an id outside of the table fails at the next wait.
 * @returns `[...ids, width]`.
 */
export function embedding(table: Tensor, ids: Tensor): Tensor {
  checkType('embedding', 'table', table);
  checkType('embedding', 'ids', ids, 'int32');
  checkRank('embedding', 'table', table, 2, 2);
  return rowsOf('embedding', table, ids, [...ids.shape, table.shape[1]!]);
}

/**
 * Entries of the first axis by number, in any order, repeats allowed.
 *
 * @param x `[rows, ...]`, float32, or another type if its rows are whole multiples of four bytes.
 * @param ids int32 `[count]`.
 * @returns `[count, ...]`.
 */
export function gatherRows(x: Tensor, ids: Tensor): Tensor {
  checkType('gatherRows', 'ids', ids, 'int32');
  checkRank('gatherRows', 'x', x, 1);
  checkRank('gatherRows', 'ids', ids, 1, 1);
  return rowsOf('gatherRows', x, ids, [ids.shape[0]!, ...x.shape.slice(1)]);
}

function rowsOf(name: string, table: Tensor, ids: Tensor, shape: readonly number[]): Tensor {
  const rows = table.shape[0]!;
  const bytes = sizeOf(table.shape.slice(1)) * bytesPerElement[table.dtype];
  if (bytes % 4 !== 0) {
    throw new OcelliError(
      name,
      `rows of ${bytes} bytes (${table}) cannot be gathered; they must be a multiple of 4 bytes`,
    );
  }
  const sizes = [ids.size, bytes / 4, rows];
  const y = empty(shape, table.dtype);
  run('embedding', [table, ids, y], sizes);
  return record(name, [table], y, (gradient) => {
    const dTable = empty(table.shape);
    run('embedding_backward', [gradient, ids, dTable], sizes);
    return [dTable];
  });
}
