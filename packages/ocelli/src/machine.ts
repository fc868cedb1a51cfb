import { cpus } from 'node:os';
import { device } from '@ocelli/ops';
import { packageVersion } from './package-version.js';

/** What computes here. */
export interface Machine {
  /** Version of this package. */
  readonly ocelli: string;
  readonly node: string;
  readonly platform: string;
  readonly processor: string;
  readonly cores: number;
  /** Instruction set that the kernels run on. */
  readonly isa: string;
  /** Threads that the kernels use. */
  readonly threads: number;
}

/** Facts that `ocelli info` prints and that are kept beside the demo's numbers. */
export function describeMachine(): Machine {
  return {
    ocelli: packageVersion(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    isa: device.isa,
    threads: device.threads,
  };
}
