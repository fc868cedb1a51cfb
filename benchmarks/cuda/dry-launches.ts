// What the CUDA device launches for the layers of OPT, without executing it: tools/cuda/performance-sheet.mjs runs this with
// OCELLI_DEVICE=cuda-emulated, SIMT_DRY=1 and SIMT_LAUNCHES=FILE. Prints JSON.
import { readFileSync, rmSync } from 'node:fs';
import { device, OcelliError, scope } from '@ocelli/ops';
import { gpus, roofline } from './gpus.js';
import { kernelWork } from './kernel-work.js';
import { modelCalls, models, phases } from './model-calls.js';

const file = process.env.SIMT_LAUNCHES!;

interface Launch {
  readonly place: string;
  readonly grid: readonly number[];
  readonly block: readonly number[];
  readonly dynamicBytes: number;
}

interface Recorded {
  readonly kernel: string;
  readonly precision: string;
  readonly scalars: readonly number[];
  readonly launches: Launch[];
}

function parse(text: string): Recorded[] {
  const calls: Recorded[] = [];
  for (const line of text.trim().split('\n')) {
    const [kind, first, second, ...rest] = line.split(' ');
    if (kind === 'call')
      calls.push({ kernel: first!, precision: second!, scalars: rest.map(Number), launches: [] });
    if (kind === 'launch') {
      const [block, bytes] = rest;
      const three = (sizes: string): number[] => sizes.split(',').map(Number);
      calls.at(-1)!.launches.push({
        place: first!,
        grid: three(second!),
        block: three(block!),
        dynamicBytes: Number(bytes),
      });
    }
  }
  return calls;
}

const rows: unknown[] = [];
const problems: string[] = [];
for (const model of models)
  for (const phase of phases)
    for (const call of modelCalls(model, phase, ['float32', 'bfloat16', 'int8', 'nf4'])) {
      try {
        const { enqueue, held } = call.prepare();
        await device.synchronize();
        rmSync(file, { force: true });
        scope(enqueue);
        await device.synchronize();
        for (const recorded of parse(readFileSync(file, 'utf8'))) {
          const work = kernelWork(recorded.kernel, recorded.scalars);
          const bounds = gpus
            .filter(({ name }) => /A100|H100/.test(name))
            .map((gpu) => ({ gpu: gpu.name, ...roofline(work!, recorded.precision as 'float32', gpu) }));
          rows.push({ model: model.name, phase: phase.name, label: call.label, ...recorded, work, bounds });
        }
        for (const each of held) each.dispose();
      } catch (error) {
        if (!(error instanceof OcelliError)) throw error;
        problems.push(`${model.name}, ${phase.name}, ${call.label}: ${error.message}`);
      }
      await device.emptyCache().catch(() => {});
    }
console.log(JSON.stringify({ rows, problems }));
