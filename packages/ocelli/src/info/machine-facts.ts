import { totalmem } from 'node:os';
import { adapterMethods } from '@ocelli/adapters';
import { device, devices } from '@ocelli/ops';
import { describeMachine } from '../machine.js';
import type { Facts } from './facts.js';

/** What computes here, and how. */
export function machineFacts(): Facts {
  const { isa, threads, ...machine } = describeMachine();
  return {
    ...machine,
    device: device.name,
    instructionSet: isa,
    supportedInstructionSets: device.supportedIsas.join(', '),
    threads,
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
  };
}

/** Every device by its name: what it is, or exactly why it cannot be used. */
export function deviceFacts(): Facts {
  return Object.fromEntries(
    devices().map(({ name, model, driver, reason }) => {
      const what = [model, driver && `driver for ${driver}`].filter(Boolean).join(', ');
      const why = reason && `cannot be used: ${reason}`;
      return [name, [what, why].filter(Boolean).join('; ')];
    }),
  );
}

/** Every registered adapter method with its description. */
export function methodFacts(): Facts {
  return Object.fromEntries(adapterMethods().map(({ name, description }) => [name, description]));
}
