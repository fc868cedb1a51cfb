import { sizeOf } from '../core/shape.js';
import { embedding, gatherRows } from '../ops/embedding.js';
import { referenceOf } from './reference.js';
import { defineOp, type OpCase, type Reference, type Tolerance } from './types.js';

type NoOptions = Record<string, never>;

function rowsReference(table: Reference, ids: Reference, shape: readonly number[]): Reference {
  const width = sizeOf(table.shape.slice(1));
  return referenceOf(
    shape,
    (index) => table.data[ids.data[Math.floor(index / width)]! * width + (index % width)]!,
  );
}

function rowsCase(table: number[], ids: number[]): OpCase<NoOptions> {
  return {
    inputs: [{ shape: table }, { shape: ids, dtype: 'int32', fill: { kind: 'integers', below: table[0]! } }],
    options: {},
  };
}

const exact: Tolerance = { absolute: 0, relative: 0 };
// A row's gradient sums what its uses bring, up to 300 of them.
const summed: Tolerance = { absolute: 1e-5, relative: 1e-6 };

export const embeddingOp = defineOp<NoOptions>({
  name: 'embedding',
  contract: 'table [rows, width], ids int32 [...] → [..., width]',
  run: ([table, ids]) => embedding(table!, ids!),
  reference: ([table, ids]) => rowsReference(table!, ids!, [...ids!.shape, table!.shape[1]!]),
  cases: [
    rowsCase([1, 1], [1]),
    rowsCase([5, 3], [2, 4]),
    rowsCase([40, 65], [7]),
    rowsCase([9, 130], [3, 100]),
  ],
  tolerance: exact,
  gradientTolerance: summed,
  timed: [{ label: '1024 of 50272 x 768', ...rowsCase([50272, 768], [1024]), bytes: 8 * 1024 * 768 }],
});

export const gatherRowsOp = defineOp<NoOptions>({
  name: 'gatherRows',
  contract: 'x [rows, ...], ids int32 [count] → [count, ...]',
  run: ([x, ids]) => gatherRows(x!, ids!),
  reference: ([x, ids]) => rowsReference(x!, ids!, [ids!.shape[0]!, ...x!.shape.slice(1)]),
  cases: [rowsCase([3], [5]), rowsCase([6, 2, 3], [4]), rowsCase([33, 768], [50])],
  tolerance: exact,
  gradientTolerance: summed,
  timed: [{ label: '64 of 1280 x 768', ...rowsCase([1280, 768], [64]), bytes: 8 * 64 * 768 }],
});
