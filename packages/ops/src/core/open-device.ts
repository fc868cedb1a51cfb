import { refuseCapture } from './capturing.js';
import { OcelliError } from './errors.js';
import {
  type AddonName,
  findAddon,
  type KernelArity,
  loadProcessorAddon,
  type NativeDevice,
} from './native.js';
import { probeCuda } from './probe-cuda.js';

/**
 * A device's name: `cpu`, `cuda` for the first GPU, `cuda:1` for the second and so on, or `cuda-emulated`, which runs the
 * GPU's kernels thread by thread on the host: exact and thousands of times slower, for tests.
 */
export type DeviceName = 'cpu' | 'cuda' | `cuda:${number}` | 'cuda-emulated' | `cuda-emulated:${number}`;

/**
 * How float32 numbers enter a product on a GPU's tensor cores; sums are float32 always. `float32`: as they are. `tf32`: rounded
 * to 11 bits, a third of the products. `bfloat16`: rounded to 8 bits, a sixth of their time at the peak. Weights that are stored in
 * bfloat16, float16 or int8 are exact in `tf32`, and those of bfloat16 and int8 in `bfloat16` too; float16 ones enter in tf32
 * there.
 */
export type Precision = (typeof precisions)[number];

/** In the order of their numbers in native/src/cuda/stream.cuh. */
export const precisions = ['float32', 'tf32', 'bfloat16'] as const;

/** A device that is open. */
export interface OpenDevice {
  readonly name: DeviceName;
  readonly native: NativeDevice;
  precision: Precision;
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
  const device: OpenDevice = {
    name: index === 0 ? (kind as DeviceName) : name,
    native,
    precision: 'float32',
    kernels,
  };
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
  // A driver that is broken ends the process that asks it.
  const probed = kind === 'cuda' ? probeCuda() : null;
  const reason = probed && (probed.devices[index]?.reason || probed.reason);
  const failures: string[] = [];
  const addon = reason ? null : findAddon(addonOf[kind]!, failures);
  if (!addon) throw cannotUse(name, reason || failures.join('; ') || 'its addon has not been built');
  try {
    return new addon.Device(index);
  } catch (error) {
    throw cannotUse(name, (error as Error).message);
  }
}

function cannotUse(name: string, reason: string): OcelliError {
  return new OcelliError('device', `${name} cannot be used: ${reason}; use the device cpu`);
}

let current = openDevice((process.env.OCELLI_DEVICE as DeviceName | undefined) || 'cpu');

/** Where tensors are made and ops run. */
export function currentDevice(): OpenDevice {
  return current;
}

/** Makes tensors and runs ops there from here on. */
export function setCurrentDevice(name: DeviceName): void {
  if (name !== current.name) refuseCapture('device', 'its ops run on one device');
  current = openDevice(name);
}
