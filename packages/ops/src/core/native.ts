import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OcelliError } from './errors.js';

declare const handleBrand: unique symbol;
/** A block of device memory, tagged on the C++ side too: a wrong handle is an error, never a crash. */
export interface MemoryHandle {
  readonly [handleBrand]: 'memory';
}

declare const captureBrand: unique symbol;
/** Kernel calls that can be made again, tagged too. */
export interface CaptureHandle {
  readonly [captureBrand]: 'capture';
}

/** Counters of the caching allocator, in bytes but for `systemAllocations`. */
export interface MemoryStatistics {
  /** In use by live tensors. */
  allocated: number;
  /** Held for reuse. */
  cached: number;
  /** Highest `allocated` since the start or `resetPeak`. */
  peak: number;
  /** How often memory was asked of the system: constant while a step of fixed shape repeats. */
  systemAllocations: number;
}

/** What the device spent on calls of one kernel with the same sizes and settings, while it was profiled. */
export interface KernelTime {
  /** The kernel's name in `native/src/cpu/kernels.inc`, or `write`, `read` or `read file` for copies to and from the device. */
  readonly kernel: string;
  /** Its sizes and settings, in the order that the kernel's comment gives. */
  readonly scalars: readonly number[];
  readonly calls: number;
  /** Of all its calls together, on the device's clock. */
  readonly milliseconds: number;
}

/** A kernel of a device: how many tensors and scalars one call takes. */
export interface KernelArity {
  readonly name: string;
  readonly tensors: number;
  readonly scalars: number;
}

/** A device of an addon: an ordered queue with its kernels and its memory. */
export interface NativeDevice {
  readonly kernels: readonly KernelArity[];
  /** Of its kernels: an instruction set, `cuda` or `cuda-emulated`. */
  readonly isa: string;
  /** Floats in a register. */
  readonly vectorWidth: number;
  /** Outputs in a panel of a packed weight. */
  readonly panelWidth: number;
  /** Inputs of a packed weight are filled up to a multiple of this. */
  readonly depthMultiple: number;
  /** While a capture is on, memory is its own and serves its calls by turns, unless it `lasts`. */
  allocate(bytes: number, lasts?: boolean): MemoryHandle;
  release(handle: MemoryHandle): void;
  /** Appends one kernel call to the queue. Offsets are in bytes. */
  run(
    kernel: number,
    tensors: readonly (MemoryHandle | null)[],
    offsets: readonly number[],
    scalars: readonly number[],
  ): void;
  /** From here to the end, kernel calls run and are kept; memory comes from a cache of their own. */
  beginCapture(): void;
  endCapture(): CaptureHandle;
  /** Appends all calls of a capture to the queue. */
  replay(handle: CaptureHandle): void;
  /** Gives up what a capture holds, once what is queued with it has run. */
  releaseCapture(handle: CaptureHandle): void;
  write(handle: MemoryHandle, byteOffset: number, source: ArrayBufferView): void;
  read(handle: MemoryHandle, byteOffset: number, bytes: number): Promise<ArrayBuffer>;
  /** Reads `bytes` at `fileOffset` of the file straight into device memory, in queue order. */
  readFile(handle: MemoryHandle, byteOffset: number, path: string, fileOffset: number, bytes: number): void;
  synchronize(): Promise<void>;
  /** Both block until the queue is empty. */
  startProfile(): void;
  stopProfile(): KernelTime[];
  memory(): MemoryStatistics;
  resetPeak(): void;
  /** While on, memory is counted and not allocated, and nothing is computed, copied or read. */
  setPlanning(on: boolean): void;
  /** Gives cached memory back to the system (after the queue has drained). */
  emptyCache(): void;
  /** Threads of the host that its kernels use. */
  threads(): number;
  setThreads(count: number): void;
  /** How float32 operands enter the products that follow: the place in `precisions`. Blocks until the queue is empty. */
  setPrecision(precision: number): void;
}

/** The whole surface of an addon, which holds one kind of device. */
export interface NativeAddon {
  /** Names of the devices of its kind that this machine has. */
  readonly devices: readonly string[];
  /** What drives them: `CUDA 13.0`. Empty where that says nothing. */
  readonly driver: string;
  /** Why there are none, where there are none. */
  readonly reason: string;
  /** Sets of kernels that run here, of which `OCELLI_ISA` may choose one. */
  readonly kernelSets: readonly string[];
  /** Throws an Error that says why, where the device cannot be used. */
  readonly Device: new (
    index: number,
  ) => NativeDevice;
}

/** The addons: of the processor, of NVIDIA's GPUs, and of the executor that runs the kernels of these on the host. */
export type AddonName = 'ocelli' | 'ocelli-cuda' | 'ocelli-cuda-emulated';

interface AddonPlace {
  /** The environment's variable that names the file. */
  readonly variable: string;
  /** The folder of `native/` that a build of the workspace goes to. */
  readonly build: string;
  /** What an installed toolkit has it in, after `@ocelli/ops-<platform>-<arch>`; null if it is never published. */
  readonly packageSuffix: string | null;
}

const places: Readonly<Record<AddonName, AddonPlace>> = {
  ocelli: { variable: 'OCELLI_NATIVE', build: 'build', packageSuffix: '' },
  'ocelli-cuda': { variable: 'OCELLI_CUDA', build: 'build-cuda', packageSuffix: '-cuda' },
  'ocelli-cuda-emulated': {
    variable: 'OCELLI_CUDA_EMULATED',
    build: 'build-emulated',
    packageSuffix: null,
  },
};

const require = createRequire(import.meta.url);

interface Candidate {
  readonly path: string;
  readonly origin: string;
}

/** Where an addon may lie: the environment's choice, a local build of the workspace, the platform package. */
export function candidates(name: AddonName): Candidate[] {
  const { variable, build, packageSuffix } = places[name];
  const found: Candidate[] = [];
  const chosen = process.env[variable];
  if (chosen) return [{ path: chosen, origin: variable }];
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const local = join(folder, 'native', build, 'Release', `${name}.node`);
    if (existsSync(local) && existsSync(join(folder, 'pnpm-workspace.yaml'))) {
      found.push({ path: local, origin: 'local build' });
    }
    if (folder === dirname(folder)) break;
  }
  if (packageSuffix !== null) {
    const path = `@ocelli/ops-${process.platform}-${process.arch}${packageSuffix}`;
    found.push({ path, origin: 'platform package' });
  }
  return found;
}

/** Loads an addon; null, with what was tried in `failures`, where there is none. */
export function findAddon(name: AddonName, failures: string[]): NativeAddon | null {
  for (const candidate of candidates(name)) {
    try {
      return require(resolveAddon(candidate)) as NativeAddon;
    } catch (error) {
      failures.push(`${candidate.origin} (${candidate.path}): ${(error as Error).message.split('\n')[0]}`);
    }
  }
  return null;
}

/** The file of an addon. Throws where its package is not installed, or in a version whose calls may differ from these. */
export function resolveAddon({ path, origin }: Candidate): string {
  if (origin !== 'platform package') return path;
  let file: string;
  try {
    file = require.resolve(path);
  } catch (error) {
    throw new Error(
      (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND'
        ? `the package ${path} is not installed`
        : (error as Error).message,
    );
  }
  const versionOf = (name: string) => (require(`${name}/package.json`) as { version: string }).version;
  const own = versionOf('@ocelli/ops');
  const installed = versionOf(path);
  if (installed !== own) {
    throw new Error(`${path} is ${installed}, @ocelli/ops ${own}; install ${path}@${own}`);
  }
  return file;
}

/** The addon of the processor, without which nothing works. */
export function loadProcessorAddon(): NativeAddon {
  const failures: string[] = [];
  const addon = findAddon('ocelli', failures);
  if (addon) return addon;
  throw new OcelliError(
    'ops',
    `no native addon could be loaded for ${process.platform}-${process.arch}, Node ${process.version}. Tried:\n` +
      `${failures.map((line) => `  - ${line}`).join('\n')}\n` +
      `In the workspace, run "npm run setup". Elsewhere, reinstall with optional dependencies ` +
      `(npm install --include=optional) on a platform that has a package @ocelli/ops-<platform>-<arch>.`,
  );
}
