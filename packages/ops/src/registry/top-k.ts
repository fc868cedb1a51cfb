import { cast } from '../ops/cast.js';
import { topK } from '../ops/top-k.js';
import { defineOp, type OpCase, type OpEntry, type Reference } from './types.js';

interface Options {
  readonly count: number;
}

/** Of each row by sorting it: [value, id] of the first `count`. */
function topReference({ shape, data }: Reference, count: number): [number, number][] {
  const width = shape.at(-1)!;
  const found: [number, number][] = [];
  for (let begin = 0; begin < data.length; begin += width) {
    const row = Array.from(data.subarray(begin, begin + width), (value, id): [number, number] => [value, id])
      .filter(([value]) => value > Number.NEGATIVE_INFINITY)
      .sort(([a, i], [b, j]) => b - a || i - j);
    for (let place = 0; place < count; place++) found.push(row[place] ?? [Number.NEGATIVE_INFINITY, -1]);
  }
  return found;
}

/** Registers with tails, rows longer than a block of threads, equal numbers, and rows with too little in them. */
const cases: readonly OpCase<Options>[] = [
  { inputs: [{ shape: [1, 1], differentiable: false }], options: { count: 1 } },
  { inputs: [{ shape: [2, 3, 77], differentiable: false }], options: { count: 5 } },
  { inputs: [{ shape: [3, 1203], differentiable: false }], options: { count: 1 } },
  {
    inputs: [
      { shape: [2, 700], fill: { kind: 'integers', below: 9 }, dtype: 'float32', differentiable: false },
    ],
    options: { count: 20 },
  },
  {
    inputs: [
      {
        shape: [2, 6],
        fill: { kind: 'values', values: [Number.NaN, Number.NEGATIVE_INFINITY, 3, -1e30, 3, Number.NaN] },
        differentiable: false,
      },
    ],
    options: { count: 5 },
  },
];

function entry(part: 'values' | 'ids', timed: OpEntry<Options>['timed']): OpEntry {
  return defineOp<Options>({
    name: `topK, ${part}`,
    contract: `x [..., width] → the ${part === 'ids' ? 'places of the ' : ''}count greatest of each row [..., count]`,
    run: ([x], { count }) => {
      const { values, ids } = topK(x!, count);
      return part === 'values' ? values : cast(ids, 'float32');
    },
    reference: ([x], { count }) => ({
      shape: [...x!.shape.slice(0, -1), count],
      data: Float64Array.from(topReference(x!, count), ([value, id]) => (part === 'values' ? value : id)),
    }),
    cases,
    tolerance: { absolute: 0, relative: 0 }, // nothing is computed
    timed,
  });
}

export const topKOps: readonly OpEntry[] = [
  entry('values', [
    {
      label: 'greedy choice among 50,272',
      inputs: [{ shape: [1, 50272] }],
      options: { count: 1 },
      bytes: 4 * 50272,
    },
  ]),
  entry('ids', []),
];
