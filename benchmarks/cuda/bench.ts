// npm run bench:cuda: whether the kernels are right on this machine's GPU, and how fast. See docs/cuda.md.
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { device } from '@ocelli/ops';
import { PeerProcess } from '../peers/peer-process.js';
import { checkOps } from './correctness.js';
import { describeGpu } from './describe-gpu.js';
import { gpus } from './gpus.js';
import { modelCalls, models, phases, tinyModel, tinyPhases } from './model-calls.js';
import { type TimedRow, timeCall } from './timing.js';

const usage = `npm run bench:cuda -- [option ...]

Runs every op on the GPU against references, then times the layers of OPT-125M to OPT-6.7B.

options
  --device NAME    cuda (the default), cuda:1, ..., or cuda-emulated: the executor, whose times mean nothing
  --json FILE      keeps everything, to send back
  --python PATH    an interpreter whose PyTorch sees the GPU, to compare with (its linears are cuBLAS')
  --quick          three cases of each op, OPT-125M only
  --help           this`;

const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
const microseconds = (seconds: number): string => `${(seconds * 1e6).toPrecision(4)} µs`;

function format({ label, results, share }: TimedRow): string {
  const others = results
    .slice(1)
    .map(({ contender, seconds }) => `${contender} ${microseconds(seconds.median)}`);
  const part = share === null ? '' : `, ${Math.round(100 * share)} % of the roofline`;
  return `  ${label}: ${microseconds(results[0]!.seconds.median)}${part}${others.map((text) => `; ${text}`).join('')}`;
}

async function openPeer(python: string): Promise<PeerProcess | null> {
  const script = fileURLToPath(new URL('torch_cuda_worker.py', import.meta.url));
  try {
    const peer = await PeerProcess.start(python, [script]);
    console.log(`beside it: PyTorch ${peer.version}`);
    return peer;
  } catch (error) {
    console.log(`no PyTorch beside it: ${(error as Error).message}`);
    return null;
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      device: { type: 'string', default: 'cuda' },
      json: { type: 'string' },
      python: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const name = values.device as typeof device.name;
  device.use(name);
  const emulated = name.startsWith('cuda-emulated');
  const facts = emulated ? null : describeGpu(Number(name.split(':')[1] ?? 0));
  const model = facts?.name ?? (emulated ? 'executor on the host' : 'a GPU that nvidia-smi does not know');
  const gpu = emulated ? null : (gpus.find(({ matches }) => matches.test(model)) ?? null);
  console.log(emulated ? 'The executor on the host: THE TIMES BELOW MEAN NOTHING.' : model);
  if (!emulated && !gpu)
    console.log(`the peaks of ${model} are not in benchmarks/cuda/gpus.ts: no shares of the roofline`);
  const quick = values.quick || emulated;
  const peer = values.python && !emulated ? await openPeer(values.python) : null;

  console.log('\nOps against their references');
  const ops = await checkOps(name, quick, ({ op, cases, wrong, worst, problem }) => {
    const verdict = wrong === 0 ? `${cases} cases right` : `✗ ${wrong} of ${cases} cases wrong (${problem})`;
    console.log(`  ${op}: ${verdict}, largest error ${worst.toPrecision(2)} of what is allowed`);
  });

  const rows: TimedRow[] = [];
  const failures: { label: string; problem: string }[] = [];
  const settings = {
    samples: emulated ? 1 : 9,
    sampleSeconds: emulated ? 0 : 0.03,
    gpu,
    precision: 'float32',
    peer,
  } as const;
  const types = ['float32', 'bfloat16', 'int8', 'nf4'] as const;
  for (const shape of emulated ? [tinyModel] : quick ? models.slice(0, 1) : models)
    for (const phase of emulated ? tinyPhases : phases) {
      console.log(`\n${shape.name}, ${phase.name}${emulated ? ' (times mean nothing)' : ''}`);
      for (const call of modelCalls(shape, phase, types)) {
        try {
          const row = await timeCall(shape.name, phase.name, call, settings);
          console.log(format(row));
          rows.push(row);
        } catch (error) {
          const problem = (error as Error).message;
          console.log(`  ✗ ${call.label}: ${problem}`);
          failures.push({ label: `${shape.name}, ${phase.name}, ${call.label}`, problem });
        }
      }
    }
  await peer?.stop();
  if (values.json) {
    const result = {
      device: { name, model, facts, emulated, timesMeanNothing: emulated, peaks: gpu?.name ?? null },
      peer: peer?.version ?? null,
      host: {
        processor: cpus()[0]?.model ?? 'unknown',
        platform: `${process.platform}-${process.arch}`,
        node: process.version,
      },
      date: new Date().toISOString(),
      quick,
      ops,
      failures,
      rows,
    };
    await mkdir(dirname(values.json), { recursive: true });
    await writeFile(values.json, `${JSON.stringify(result, rounded, 1)}\n`);
    console.log(`\nwritten: ${values.json}`);
  }
  const wrong = ops.filter((verdict) => verdict.wrong > 0).length;
  console.log(
    `\n${ops.length - wrong} of ${ops.length} ops right, ${rows.length} calls timed, ${failures.length} failed`,
  );
  return wrong + failures.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
