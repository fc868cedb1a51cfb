import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { device } from '@ocelli/ops';

/** The machine that numbers come from, and what ran on it. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  /** Instruction set of our kernels. */
  readonly isa: string;
  /** What else of vectors the processor has, as its system names it. */
  readonly features: readonly string[];
  readonly lastCacheBytes: number | null;
  readonly memoryBytes: number;
  readonly platform: string;
  readonly node: string;
  readonly date: string;
  /** Versions of the peers that were installed. */
  readonly peers: Readonly<Record<string, string>>;
}

const read = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

/** Size of the last cache of the first core, in bytes; null where the system does not tell. */
export function lastCacheBytes(): number | null {
  for (const index of [3, 2]) {
    const size = read(`/sys/devices/system/cpu/cpu0/cache/index${index}/size`);
    const [, number, unit] = size?.trim().match(/^(\d+)([KM])$/) ?? [];
    if (number) return Number(number) * (unit === 'M' ? 2 ** 20 : 2 ** 10);
  }
  return null;
}

export function describeMachine(peers: Readonly<Record<string, string>>): Machine {
  const flags = read('/proc/cpuinfo')?.match(/^(?:flags|Features)\s*:(.*)$/m)?.[1] ?? '';
  const family = read('/proc/cpuinfo')?.match(/^cpu family\s*:\s*(\d+)$[\s\S]*?^model\s*:\s*(\d+)$/m);
  return {
    processor: `${cpus()[0]?.model.trim() ?? 'unknown'}${family ? ` (family ${family[1]}, model ${family[2]})` : ''}`,
    cores: cpus().length,
    isa: device.isa,
    features: flags.split(/\s+/).filter((flag) => /^(avx|fma|f16c|amx|asimd|sve|bf16|i8mm)/.test(flag)),
    lastCacheBytes: lastCacheBytes(),
    memoryBytes: totalmem(),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
    date: new Date().toISOString(),
    peers,
  };
}
