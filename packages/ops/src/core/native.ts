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

/** The whole surface of the addon. */
export interface NativeModule {
  readonly kernels: readonly { name: string; tensors: number; scalars: number }[];
  readonly isa: string;
  readonly supportedIsas: readonly string[];
  /** Floats in a register. */
  readonly vectorWidth: number;
  /** Outputs in a panel of a packed weight. */
  readonly panelWidth: number;
  allocate(bytes: number): MemoryHandle;
  release(handle: MemoryHandle): void;
  /** Appends one kernel call to the queue. Offsets are in bytes. */
  run(
    kernel: number,
    tensors: readonly (MemoryHandle | null)[],
    offsets: readonly number[],
    scalars: readonly number[],
  ): void;
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
  threads(): number;
  setThreads(count: number): void;
}

const require = createRequire(import.meta.url);

/** Where the addon may lie: the environment's choice, a local build of the workspace, the platform package. */
function candidates(): { path: string; origin: string }[] {
  const found: { path: string; origin: string }[] = [];
  const chosen = process.env.OCELLI_NATIVE;
  if (chosen) return [{ path: chosen, origin: 'OCELLI_NATIVE' }];
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const local = join(folder, 'native', 'build', 'Release', 'ocelli.node');
    if (existsSync(local) && existsSync(join(folder, 'pnpm-workspace.yaml'))) {
      found.push({ path: local, origin: 'local build' });
    }
    if (folder === dirname(folder)) break;
  }
  found.push({ path: `@ocelli/ops-${process.platform}-${process.arch}`, origin: 'platform package' });
  return found;
}

function loadNative(): NativeModule {
  const failures: string[] = [];
  for (const { path, origin } of candidates()) {
    try {
      return require(path) as NativeModule;
    } catch (error) {
      failures.push(`${origin} (${path}): ${(error as Error).message.split('\n')[0]}`);
    }
  }
  throw new OcelliError(
    'ops',
    `no native addon could be loaded for ${process.platform}-${process.arch}, Node ${process.version}. Tried:\n` +
      `${failures.map((line) => `  - ${line}`).join('\n')}\n` +
      `In the workspace, run "npm run setup". Elsewhere, reinstall with optional dependencies ` +
      `(npm install --include=optional) on a platform that has a package @ocelli/ops-<platform>-<arch>.`,
  );
}

export const native: NativeModule = loadNative();

const kernelIndex = new Map(native.kernels.map((kernel, index) => [kernel.name, { index, ...kernel }]));

/** The index and arity of a kernel by name. */
export function findKernel(name: string): { index: number; tensors: number; scalars: number } {
  const kernel = kernelIndex.get(name);
  if (!kernel) {
    throw new OcelliError(
      name,
      `internal: the addon has no kernel of this name; rebuild it with "npm run setup"`,
    );
  }
  return kernel;
}
