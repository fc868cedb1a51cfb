import { backward, opTable, Random, scope, type Tensor, tensor } from '@ocelli/ops';
import { ours } from '../harness/ours.js';
import type { Work } from '../harness/row.js';
import type { Bench } from '../harness/suite.js';
import type { PeerCase } from '../peers/peer-process.js';
import { normal } from './inputs.js';

type Entry = (typeof opTable)[number];
type Timed = Entry['timed'][number];

/** Ops that PyTorch has too, at `[rows, width]`: its case, and whether backward is measured as well. */
const peerCases: Readonly<Record<string, { readonly case: string; readonly kind?: string }>> = {
  layerNorm: { case: 'layer_norm' },
  rmsNorm: { case: 'rms_norm' },
  softmax: { case: 'softmax' },
  crossEntropy: { case: 'cross_entropy' },
  ...Object.fromEntries(
    ['gelu', 'geluTanh', 'relu', 'silu'].map((kind) => [kind, { case: 'activation', kind }]),
  ),
};

function inputsOf(timed: Timed, trainable: boolean): Tensor[] {
  const random = new Random(1);
  return timed.inputs.map(({ shape, fill, dtype }, index) => {
    if (!fill || fill.kind === 'normal') {
      const input = normal(shape, fill?.scale);
      input.requiresGrad = trainable && index === 0;
      return input;
    }
    const size = shape.reduce((product, extent) => product * extent, 1);
    const values = Array.from({ length: size }, (_, i) => {
      if (fill.kind === 'integers') return (fill.from ?? 0) + random.integer(fill.below - (fill.from ?? 0));
      return fill.kind === 'values' ? fill.values[i % fill.values.length]! : 0.1 + random.uniform();
    });
    return tensor(values, shape, dtype ?? 'float32');
  });
}

/** What a case has to do. An op that writes little is set against reading, one that writes as it reads against copying. */
function workOf({ operations, bytes }: Timed, written: number, both: boolean): Work {
  if (operations !== undefined) return { operations };
  if (bytes === undefined) return {};
  const reads = 4 * written < bytes / 10;
  // Arrays: forward x, y; backward x, dy, dx. With a scalar for y: forward x; backward x, dx.
  return both
    ? { bytes: bytes * (reads ? 3 : 2.5), traffic: 'copy' }
    : { bytes, traffic: reads ? 'read' : 'copy' };
}

async function measure(bench: Bench, op: Entry, timed: Timed, threads: number, both: boolean): Promise<void> {
  const peer = peerCases[op.name];
  const [rows, width] = timed.inputs[0]!.shape as [number, number];
  const asked: PeerCase | undefined = peer && {
    ...peer,
    threads,
    rows,
    [peer.case === 'cross_entropy' ? 'words' : 'width']: width,
    backward: both,
  };
  const inputs = inputsOf(timed, both);
  const written = scope(() => op.run(inputs, timed.options).size);
  const gradient = both && written > 1 ? normal([rows, width]) : null;
  const enqueue = (): void => {
    const y = op.run(inputs, timed.options);
    if (!both) return;
    backward(y, gradient ?? undefined);
    const [x] = inputs;
    x!.grad?.dispose();
    x!.grad = null;
  };
  const contender = ours('ocelli', enqueue, [...inputs, gradient]);
  await bench.measure({
    family: both ? `${op.name} forward and backward` : op.name,
    label: timed.label,
    threads,
    ...workOf(timed, written, both),
    samples: 5,
    seconds: 0.35,
    contenders: async () => [contender, ...(asked ? await bench.peers(asked) : [])],
  });
}

/** Every op at the shapes that its row of the op table lists. Packed linears have rows of their own (gemm.ts). */
export async function measureOpTable(bench: Bench): Promise<void> {
  for (const threads of bench.threads)
    for (const op of opTable)
      for (const timed of op.timed)
        for (const both of op.name in peerCases && timed.bytes !== undefined ? [false, true] : [false]) {
          const family = both ? `${op.name} forward and backward` : op.name;
          if (op.name !== 'linear (packed weight)' && bench.wants(family, timed.label))
            await measure(bench, op, timed, threads, both);
        }
}
