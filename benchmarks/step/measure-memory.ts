import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Result } from '../harness/row.js';
import { summarize } from '../harness/statistics.js';
import type { Bench } from '../harness/suite.js';
import { type PeerCase, PeerProcess } from '../peers/peer-process.js';
import { openTorch } from '../peers/torch.js';
import type { StepContext } from './context.js';
import { encoderLabel } from './measure-time.js';
import { standardShape } from './settings.js';

export const memoryFamily = 'memory of the training step';
const megabyte = 1e6;
/** The optimizer's state is there from the second on. */
const steps = 2;

/** The peak resident set of a process that loads the models and trains for some steps: ours and plain PyTorch's. */
export async function measureMemory(bench: Bench, context: StepContext, threads: number): Promise<void> {
  if (!bench.wants(memoryFamily, encoderLabel)) return;
  const worker = fileURLToPath(new URL('our-worker.ts', import.meta.url));
  const openOurs = (): Promise<PeerProcess> =>
    PeerProcess.start(process.execPath, [...process.execArgv, worker]);
  const request = (variant: string): Promise<PeerCase> =>
    context.request('encode', standardShape, threads, variant);
  const results = [await peakOf(openOurs, await request('ocelli'), 'ocelli')];
  const { python } = bench;
  if (context.torch && python !== undefined)
    for (const name of ['torch', 'torch best'])
      results.push(await peakOf(() => openTorch(python), await request(name), name));
  const found = results.filter((result) => result !== null);
  if (found.length === 0) return bench.note(`${memoryFamily}: this system does not tell`);
  await bench.add({ family: memoryFamily, label: encoderLabel, threads, samples: 1, results: found });
}

async function peakOf(
  open: () => Promise<PeerProcess>,
  request: PeerCase,
  name: string,
): Promise<Result | null> {
  const process = await open();
  try {
    const [contender] = await process.contenders(request);
    if (!contender) return null;
    const seconds = (await contender.run(steps)) / steps;
    const peak = peakResidentBytes(process.processId);
    if (peak === null) return null;
    const [allocator] = name === 'ocelli' ? await process.evaluate('allocator peak') : [];
    return {
      contender: name,
      seconds: summarize([seconds]),
      extra: {
        peakResidentMegabytes: Math.round(peak / megabyte),
        ...(allocator === undefined ? {} : { allocatorPeakMegabytes: Math.round(allocator / megabyte) }),
      },
    };
  } finally {
    await process.stop();
  }
}

/** Null where there is no /proc. */
function peakResidentBytes(processId: number): number | null {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${processId}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}
