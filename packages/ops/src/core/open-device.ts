import { OcelliError } from './errors.js';
import {
  type AddonName,
  findAddon,
  type KernelArity,
  loadProcessorAddon,
  type NativeDevice,
} from './native.js';

/**
 * A device's name: `cpu`, `cuda` for the first GPU, `cuda:1` for the second and so on, or `cuda-emulated`, which runs the
 * GPU's kernels thread by thread on the host: exact and thousands of times slower, for tests.
 */
export type DeviceName = 'cpu' | 'cuda' | `cuda:${number}` | 'cuda-emulated' | `cuda-emulated:${number}`;

/** A device that is open. */
export interface OpenDevice {
  readonly name: DeviceName;
  readonly native: NativeDevice;
  /** Its kernels by name, with their place in its table. */
  readonly kernels: ReadonlyMap<string, KernelArity & { readonly index: number }>;
}

const addonOf: Readonly<Record<string, AddonName>> = {
  cpu: 'ocelli',
  cuda: 'ocelli-cuda',
  'cuda-emulated': 'ocelli-cuda-emulated',
};

export const processorAddon = loadProcessorAddon();

const open = new Map<string, OpenDevice>();

/** The device of this name, opened at its first use. Throws OcelliError where there is none. */
export function openDevice(name: DeviceName): OpenDevice {
  const { kind, index } = parseName(name);
  const key = `${kind}:${index}`;
  const known = open.get(key);
  if (known) return known;
  const native = create(name, kind, index);
  const kernels = new Map(native.kernels.map((kernel, at) => [kernel.name, { index: at, ...kernel }]));
  const device = { name: index === 0 ? (kind as DeviceName) : name, native, kernels };
  open.set(key, device);
  return device;
}

function parseName(name: string): { kind: string; index: number } {
  const match = /^(cpu|cuda|cuda-emulated)(?::(\d+))?$/.exec(name);
  if (!match || (match[1] === 'cpu' && match[2])) {
    throw new OcelliError(
      'device',
      `there is no device ${JSON.stringify(name)}; devices are cpu, cuda, cuda:1 and so on, and cuda-emulated`,
    );
  }
  return { kind: match[1]!, index: Number(match[2] ?? 0) };
}

function create(name: string, kind: string, index: number): NativeDevice {
  if (kind === 'cpu') return new processorAddon.Device(0);
  const failures: string[] = [];
  const addon = findAddon(addonOf[kind]!, failures);
  const reason = addon ? addon.reason : failures.join('; ') || 'its addon has not been built';
  if (!addon || addon.devices.length === 0) {
    throw new OcelliError('device', `${name} cannot be used: ${reason}; use the device cpu`);
  }
  if (index >= addon.devices.length) {
    throw new OcelliError(
      'device',
      `${name} does not exist; the machine has ${addon.devices.length}: ${addon.devices.join(', ')}`,
    );
  }
  return new addon.Device(index);
}

let current = openDevice((process.env.OCELLI_DEVICE as DeviceName | undefined) || 'cpu');

/** Where tensors are made and ops run. */
export function currentDevice(): OpenDevice {
  return current;
}

/** Makes tensors and runs ops there from here on. */
export function setCurrentDevice(name: DeviceName): void {
  current = openDevice(name);
}
