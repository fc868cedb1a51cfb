import { capture, device, scope } from '@ocelli/ops';
import type { Contender } from '../harness/case.js';
import { ours } from '../harness/ours.js';
import { type Summary, summarize } from '../harness/statistics.js';
import type { PeerProcess } from '../peers/peer-process.js';
import { type Gpu, type Precision, roofline } from './gpus.js';
import { kernelWork } from './kernel-work.js';
import type { ModelCall } from './model-calls.js';

/** One kernel of a call, as the device's profile has it: waits for each kernel are in it. */
interface KernelRow {
  readonly kernel: string;
  readonly scalars: readonly number[];
  readonly calls: number;
  readonly milliseconds: number;
  /** Of one call, by the roofline; null where the GPU's peaks are not known. */
  readonly boundSeconds: number | null;
}

export interface TimedRow {
  readonly model: string;
  readonly phase: string;
  readonly label: string;
  readonly samples: number;
  /** Of one call, by the clock around many of them that end in one wait. */
  readonly results: readonly { readonly contender: string; readonly seconds: Summary }[];
  /** The least time that the GPU's published peaks allow, and its share of the time that we took. */
  readonly boundSeconds: number | null;
  readonly share: number | null;
  readonly kernels: readonly KernelRow[];
}

export interface TimingSettings {
  readonly samples: number;
  /** Seconds of one sample, about. */
  readonly sampleSeconds: number;
  readonly gpu: Gpu | null;
  readonly precision: Precision;
  readonly peer: PeerProcess | null;
}

async function sample({ run }: Contender, { samples, sampleSeconds }: TimingSettings): Promise<Summary> {
  await run(1);
  const once = await run(1);
  const repeats = Math.max(1, Math.min(10_000, Math.round(sampleSeconds / Math.max(once, 1e-6))));
  if (repeats > 1) await run(repeats); // the clock comes up
  const taken: number[] = [];
  for (let i = 0; i < samples; i++) taken.push((await run(repeats)) / repeats);
  return summarize(taken);
}

async function profile(enqueue: () => void, { gpu, precision }: TimingSettings): Promise<KernelRow[]> {
  await device.startProfile();
  scope(enqueue);
  return (await device.stopProfile()).map(({ kernel, scalars, calls, milliseconds }) => {
    const work = kernelWork(kernel, scalars);
    return {
      kernel,
      scalars,
      calls,
      milliseconds,
      boundSeconds: work && gpu ? roofline(work, precision, gpu).seconds : null,
    };
  });
}

/** Times one call, beside the same of PyTorch where there is a peer for it. */
export async function timeCall(
  model: string,
  phase: string,
  { label, prepare, peer }: ModelCall,
  settings: TimingSettings,
): Promise<TimedRow> {
  const { enqueue, held } = prepare();
  const contender = ours('ocelli', enqueue, held as Parameters<typeof ours>[2]);
  try {
    const seconds = await sample(contender, settings);
    const kernels = await profile(enqueue, settings);
    const known = kernels.filter((row) => row.boundSeconds !== null);
    const boundSeconds =
      known.length > 0
        ? known.reduce((sum, { boundSeconds, calls }) => sum + boundSeconds! * calls, 0)
        : null;
    const captured = capture(enqueue);
    const replayed = ours('ocelli, replayed', () => captured.replay(), [captured]);
    const results = [
      { contender: 'ocelli', seconds },
      { contender: replayed.name, seconds: await sample(replayed, settings) },
    ];
    await replayed.release();
    for (const other of (peer && (await settings.peer?.contenders({ threads: 1, ...peer }))) || [])
      results.push({ contender: other.name, seconds: await sample(other, settings) });
    return {
      model,
      phase,
      label,
      samples: settings.samples,
      results,
      boundSeconds,
      share: boundSeconds && boundSeconds / seconds.median,
      kernels,
    };
  } finally {
    await contender.release();
  }
}
