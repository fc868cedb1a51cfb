import { cpus, totalmem } from 'node:os';
import { adapterMethods } from '@ocelli/adapters';
import { device } from '@ocelli/ops';
import { packageVersion } from '../package-version.js';
import type { Facts } from './facts.js';

/** What computes here, and how. */
export function machineFacts(): Facts {
  return {
    ocelli: packageVersion(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    device: device.name,
    instructionSet: device.isa,
    supportedInstructionSets: device.supportedIsas.join(', '),
    threads: device.threads,
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
  };
}

/** Every registered adapter method with its description. */
export function methodFacts(): Facts {
  return Object.fromEntries(adapterMethods().map(({ name, description }) => [name, description]));
}
