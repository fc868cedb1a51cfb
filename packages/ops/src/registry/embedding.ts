import { sizeOf } from '../core/shape.js';
import { embedding, gatherRows } from '../ops/embedding.js';
import { PackedWeight, type WeightType, weightTypes } from '../ops/packed-weight.js';
import { referenceOf } from './reference.js';
import {
  defineOp,
  type InputSpec,
  type OpCase,
  type OpEntry,
  type Reference,
  type Tolerance,
} from './types.js';
import { storedWeight, weightName } from './weight-types.js';

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

// Where numbers have a factor, their product is rounded once to float32. The published levels of nf4 are those of the
// reference to 1e-6, times factors up to 5.
const tolerances: Partial<Record<WeightType, Tolerance>> = {
  int8: { absolute: 0, relative: 2 ** -23 },
  fp8: { absolute: 0, relative: 2 ** -23 },
  fp4: { absolute: 0, relative: 2 ** -23 },
  nf4: { absolute: 5e-6, relative: 0 },
};

const exact: Tolerance = { absolute: 0, relative: 0 };
// A row's gradient sums what its uses bring, up to 300 of them.
const summed: Tolerance = { absolute: 1e-5, relative: 1e-6 };

function embeddingOpOf(name: string, weights: WeightType | null): OpEntry {
  const sizes: [table: number[], ids: number[]][] = [
    [[1, 1], [1]],
    [
      [5, 3],
      [2, 4],
    ],
    [[40, 65], [7]],
    [
      [9, 130],
      [3, 100],
    ],
    [[70, 400], [70]],
  ];
  const caseOf = (table: number[], ids: number[]): OpCase<NoOptions> => {
    const [first, second] = rowsCase(table, ids).inputs as [InputSpec, InputSpec];
    return { inputs: [{ ...first, differentiable: weights === null }, second], options: {} };
  };
  return defineOp<NoOptions>({
    name,
    contract: `table [rows, width]${weights ? ', frozen' : ''}, ids int32 [...] → [..., width]`,
    run: ([table, ids]) => embedding(weights ? new PackedWeight(table!, { dtype: weights }) : table!, ids!),
    reference: ([table, ids]) =>
      rowsReference(weights ? storedWeight(table!, weights) : table!, ids!, [
        ...ids!.shape,
        table!.shape[1]!,
      ]),
    cases: sizes.map(([table, ids]) => caseOf(table, ids)),
    tolerance: (weights && tolerances[weights]) ?? exact,
    gradientTolerance: summed,
    timed: [{ label: '1024 of 50272 x 768', ...caseOf([50272, 768], [1024]), bytes: 8 * 1024 * 768 }],
  });
}

export const embeddingOps: readonly OpEntry[] = [
  embeddingOpOf('embedding', null),
  ...weightTypes.map((dtype) => embeddingOpOf(`embedding (${weightName(dtype)})`, dtype)),
];

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
