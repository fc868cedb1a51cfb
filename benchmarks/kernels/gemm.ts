import { linear, PackedWeight, type Tensor } from '@ocelli/ops';
import { type BarMeasurer, lowest, type RowValue, shareOfPeak, timesFaster } from '../harness/bars.js';
import { ours } from '../harness/ours.js';
import type { Row } from '../harness/row.js';
import type { Bench } from '../harness/suite.js';
import { normal } from './inputs.js';

/** inputs, outputs: attention, both halves of the MLP, and the LM head of OPT-125M (and, but for the head, of ViT-B/16). */
const shapes = [
  [768, 768],
  [768, 3072],
  [3072, 768],
  [768, 50272],
] as const;
const rowCounts = [1, 16, 64, 256, 1024];

/** How a frozen weight can be kept, and the bytes of one of its numbers. */
const formats: Readonly<Record<string, { bytes: number; pack: (weight: Tensor) => PackedWeight }>> = {
  float32: { bytes: 4, pack: (weight) => new PackedWeight(weight) },
  bfloat16: { bytes: 2, pack: (weight) => new PackedWeight(weight, { dtype: 'bfloat16' }) },
  int8: { bytes: 1, pack: (weight) => new PackedWeight(weight, { dtype: 'int8' }) },
};

function packed(dtype: string, inputs: number, outputs: number): PackedWeight {
  const weight = normal([outputs, inputs], inputs ** -0.5);
  try {
    return formats[dtype]!.pack(weight);
  } finally {
    weight.dispose();
  }
}

async function measureForward(bench: Bench): Promise<void> {
  for (const [dtype, { bytes }] of Object.entries(formats))
    for (const threads of bench.threads)
      for (const [inputs, outputs] of shapes)
        for (const rows of rowCounts) {
          // One row multiplies each weight once: reading it is the work.
          const work =
            rows === 1
              ? { bytes: bytes * inputs * outputs, traffic: 'read' as const }
              : { operations: 2 * rows * inputs * outputs };
          await bench.measure({
            family: `gemm ${dtype}`,
            label: `${rows} x ${inputs} -> ${outputs}`,
            threads,
            ...work,
            contenders: async () => {
              const x = normal([rows, inputs]);
              const weight = packed(dtype, inputs, outputs);
              return [
                ours('ocelli', () => void linear(x, weight), [x, weight]),
                ...(dtype === 'int8' // of which PyTorch has no linear with float32 activations
                  ? []
                  : await bench.peers({ case: 'linear', threads, rows, inputs, outputs, dtype })),
              ];
            },
          });
        }
}

async function measureBackward(bench: Bench): Promise<void> {
  for (const threads of bench.threads)
    for (const [inputs, outputs] of shapes.slice(0, 3))
      for (const rows of rowCounts.filter((count) => count >= 64))
        await bench.measure({
          family: 'gemm dX',
          label: `${rows} x ${outputs} -> ${inputs}`,
          threads,
          operations: 2 * rows * inputs * outputs,
          contenders: async () => {
            const x = normal([rows, inputs]);
            x.requiresGrad = true;
            const weight = packed('float32', inputs, outputs);
            const gradient = normal([rows, outputs]);
            const y = linear(x, weight);
            const { pass } = y.node!; // of the linear alone: nothing is collected in x
            if (typeof pass !== 'function') throw new Error('[bench] linear is not recomputed');
            return [
              ours('ocelli', () => void pass(gradient, [true, false, false, false]), [
                x,
                weight,
                gradient,
                y,
              ]),
              ...(await bench.peers({ case: 'linear_dx', threads, rows, inputs, outputs })),
            ];
          },
        });
}

export async function measureGemm(bench: Bench): Promise<void> {
  await measureForward(bench);
  await measureBackward(bench);
}

const rowsOf = (label: string): number => Number(label.split(' ')[0]);

/** A bar over the rows of a family that a condition picks. */
function bar(
  families: readonly string[],
  condition: (row: Row) => boolean,
  number: (row: Row) => RowValue | undefined,
  lacking = 'no peak was measured',
): BarMeasurer {
  return (rows) =>
    lowest(
      rows.filter((row) => families.includes(row.family) && condition(row)),
      number,
      lacking,
    );
}

const large = ({ label }: Row): boolean => rowsOf(label) >= 64;
const all = Object.keys(formats).map((dtype) => `gemm ${dtype}`);
const withoutTorch = 'PyTorch was not there (--python)';

export const gemmBars: Readonly<Record<string, BarMeasurer>> = {
  ...Object.fromEntries(
    ['float32', 'bfloat16'].flatMap((dtype) => {
      const family = [`gemm ${dtype}`];
      const name = dtype === 'float32' ? 'torch' : `torch ${dtype}`;
      return [
        [`gemm-${dtype}-1-thread`, bar(family, (row) => large(row) && row.threads === 1, shareOfPeak)],
        [`gemm-${dtype}-2-threads`, bar(family, (row) => large(row) && row.threads === 2, shareOfPeak)],
        [`gemm-${dtype}-torch`, bar(family, large, timesFaster(name, `${name} packed`), withoutTorch)],
      ];
    }),
  ),
  'gemm-16-rows': bar(all, ({ label }) => rowsOf(label) === 16, shareOfPeak),
  'gemm-1-row': bar(all, ({ label }) => rowsOf(label) === 1, shareOfPeak),
  'gemm-dx': bar(['gemm dX'], large, shareOfPeak),
};
