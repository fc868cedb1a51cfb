import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cudaAddon, emulatedAddon, needs } from '../../test/cuda-addons.js';
import { resolveAddon } from './native.js';

/** The devices of a machine, which the environment describes to the executor. */
async function devicesWith(environment: Record<string, string>) {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  vi.resetModules();
  const { devices } = await import('./devices.js');
  return devices();
}

async function useDevice(name: string) {
  const { device } = await import('./device.js');
  device.use(name as 'cuda');
  return device.name;
}

afterEach(() => vi.unstubAllEnvs());

describe('devices', () => {
  it('begins with the processor', async () => {
    const [cpu] = await devicesWith({ OCELLI_CUDA: '/nowhere/ocelli-cuda.node' });
    expect(cpu).toMatchObject({ name: 'cpu', kind: 'cpu', reason: null });
    expect(cpu!.model).not.toBe('');
  });

  it('tells of an addon that cannot be loaded', async () => {
    const [, cuda] = await devicesWith({ OCELLI_CUDA: '/nowhere/ocelli-cuda.node' });
    expect(cuda).toEqual({
      name: 'cuda',
      kind: 'cuda',
      model: null,
      driver: null,
      reason: expect.stringContaining("Cannot find module '/nowhere/ocelli-cuda.node'"),
    });
    await expect(useDevice('cuda')).rejects.toThrow(
      /\[device\] cuda cannot be used: Cannot find module .*; use the device cpu/,
    );
  });

  it('survives a driver that crashes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ocelli-probe-'));
    const broken = join(folder, 'broken.cjs');
    writeFileSync(broken, 'process.kill(process.pid, "SIGSEGV"); for (;;);');
    const [, cuda] = await devicesWith({ OCELLI_CUDA: broken });
    expect(cuda!.reason).toBe(`a process that looked for GPUs with ${broken} was ended by SIGSEGV`);
    rmSync(folder, { recursive: true });
  });

  it('names a package that is missing or of another version', () => {
    const inPackage = (path: string) => resolveAddon({ path, origin: 'platform package' });
    expect(() => inPackage('@ocelli/ops-none')).toThrow('the package @ocelli/ops-none is not installed');
    expect(() => inPackage('typescript')).toThrow(
      /^typescript is 5\.\S+, @ocelli\/ops (\S+); install typescript@\1$/,
    );
  });
});

describe('devices of the executor, as if they were GPUs', () => {
  beforeEach((context) => needs(emulatedAddon, context));

  it('lists and opens each', async () => {
    const gpu = { kind: 'cuda', model: 'executor on the host', driver: 'CUDA 13.0', reason: null };
    expect(await devicesWith({ OCELLI_CUDA: emulatedAddon, SIMT_DEVICES: '2' })).toEqual([
      expect.objectContaining({ name: 'cpu' }),
      { name: 'cuda', ...gpu },
      { name: 'cuda:1', ...gpu },
    ]);
    expect(await useDevice('cuda:1')).toBe('cuda:1');
    expect(await useDevice('cuda:0')).toBe('cuda');
    await expect(useDevice('cuda:2')).rejects.toThrow(
      '[device] cuda:2 cannot be used: the machine has only 2 of its kind; use the device cpu',
    );
    await useDevice('cpu');
  });

  it.each([
    [{ SIMT_DRIVER: '0' }, null, null, 'the machine has no NVIDIA driver'],
    [
      { SIMT_DRIVER: '12040' },
      null,
      'CUDA 12.4',
      'the NVIDIA driver is too old: it serves CUDA 12.4, and this needs CUDA 13.0',
    ],
    [{ SIMT_DEVICES: '0' }, null, 'CUDA 13.0', 'the machine has no CUDA device'],
    [
      { SIMT_CAPABILITY: '75' },
      'executor on the host',
      'CUDA 13.0',
      'there are no kernels for its compute capability 7.5',
    ],
    [{ SIMT_MEMORY: '8' }, 'executor on the host', 'CUDA 13.0', 'it has no memory left'],
  ] as const)('says why not: %o', async (environment, model, driver, reason) => {
    const [, cuda] = await devicesWith({ OCELLI_CUDA: emulatedAddon, ...environment });
    expect(cuda).toEqual({ name: 'cuda', kind: 'cuda', model, driver, reason });
    await expect(useDevice('cuda')).rejects.toThrow(`[device] cuda cannot be used: ${reason}`);
  });
});

describe('the addon for GPUs', () => {
  it('says that this machine has no driver', async (context) => {
    needs(cudaAddon, context);
    if (existsSync('/proc/driver/nvidia')) context.skip('this machine has a driver');
    const [, cuda] = await devicesWith({ OCELLI_CUDA: cudaAddon });
    expect(cuda).toMatchObject({ model: null, driver: null, reason: 'the machine has no NVIDIA driver' });
  });
});
