// The kernels compiled for NEON and run under qemu on every call that the op table makes, against what this machine
// computed. Where no cross compiler or no qemu is installed, it is skipped (Debian: g++-aarch64-linux-gnu and qemu-user).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { backward } from '../src/autograd/backward.js';
import { currentDevice } from '../src/core/open-device.js';
import { Random } from '../src/random/random.js';
import { opTable } from '../src/registry/index.js';
import { fillInput, toTensor } from './fill-input.js';
import { KernelTape } from './kernel-tape.js';

const tape = vi.hoisted(() => ({ current: null as { run: typeof import('../src/core/run.js').run } | null }));
vi.mock('../src/core/run.js', async (original) => {
  const { run } = await original<typeof import('../src/core/run.js')>();
  const recording: typeof run = (...call) => (tape.current ? tape.current.run(...call) : run(...call));
  return { run: recording };
});

const compiler = 'aarch64-linux-gnu-g++';
const emulator = 'qemu-aarch64';
const isInstalled = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
/** Panels of packed weights are as wide on NEON as on AVX2; other tapes would not fit. */
const canReplay = currentDevice().native.panelWidth === 16 && isInstalled(compiler) && isInstalled(emulator);

function execute(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} exits with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

function build(folder: string): string {
  const sources = fileURLToPath(new URL('../../../native', import.meta.url));
  const settings = ['SYSTEM_NAME=Linux', 'SYSTEM_PROCESSOR=aarch64', `CXX_COMPILER=${compiler}`];
  const flags = settings.map((setting) => `-DCMAKE_${setting}`);
  execute('cmake', '-S', sources, '-B', folder, '-DOCELLI_REPLAY=ON', ...flags);
  execute('cmake', '--build', folder, '--parallel', String(availableParallelism()));
  return join(folder, 'ocelli_replay');
}

/** Forward and backward of every case. */
async function recordOpTable(): Promise<KernelTape> {
  const recorder = new KernelTape();
  tape.current = recorder;
  for (const op of opTable) {
    for (const [index, { inputs, options }] of op.cases.entries()) {
      const random = new Random(index + 1);
      const tensors = inputs.map((spec) => toTensor(fillInput(spec, random), spec));
      for (const [i, { dtype = 'float32', differentiable = true }] of inputs.entries())
        tensors[i]!.requiresGrad = dtype === 'float32' && differentiable;
      const output = op.run(tensors, options);
      const { shape } = output;
      if (output.node) backward(output, toTensor(fillInput({ shape }, random), { shape }));
    }
  }
  tape.current = null;
  return recorder;
}

it.skipIf(!canReplay)(
  'NEON gives what this machine gives',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ocelli-neon-'));
    try {
      const recorder = await recordOpTable();
      const file = join(folder, 'tape');
      writeFileSync(file, await recorder.bytes());
      const report = execute(emulator, build(folder), file);
      expect(report).toContain(`neon: ${recorder.length} calls, 0 different`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  600_000,
);
