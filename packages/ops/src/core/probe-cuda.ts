import { spawnSync } from 'node:child_process';
import { candidates, resolveAddon } from './native.js';

/** What another process found that loaded the addon of CUDA devices. */
export interface CudaProbe {
  /** Each device's name, and why it cannot be used; empty if it can. */
  readonly devices: readonly { readonly model: string; readonly reason: string }[];
  /** `CUDA 13.0`; empty where no driver answered. */
  readonly driver: string;
  /** Why there are no devices, where there are none. */
  readonly reason: string;
}

/** Opening a GPU takes a second or two; a driver that hangs must not hold up everything. */
const timeoutSeconds = 60;

/** Loads the file that it is given and opens every device. */
const script = `
  const addon = require(process.argv[1]);
  const reasonOf = (index) => {
    try {
      new addon.Device(index);
      return '';
    } catch (error) {
      return error.message;
    }
  };
  const devices = addon.devices.map((model, index) => ({ model, reason: reasonOf(index) }));
  console.log(JSON.stringify({ devices, driver: addon.driver, reason: addon.reason }));
`;

let known: CudaProbe | undefined;

/** Asks another process, once: a driver that is broken ends that one and not this. */
export function probeCuda(): CudaProbe {
  known ??= probe();
  return known;
}

function probe(): CudaProbe {
  const failures: string[] = [];
  for (const candidate of candidates('ocelli-cuda')) {
    try {
      return ask(resolveAddon(candidate));
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  return { devices: [], driver: '', reason: failures.join('; ') };
}

function ask(file: string): CudaProbe {
  const { stdout, stderr, status, signal, error } = spawnSync(
    process.execPath,
    ['--input-type=commonjs', '--eval', script, '--', file],
    { encoding: 'utf8', timeout: timeoutSeconds * 1000, windowsHide: true },
  );
  if (error && 'code' in error && error.code === 'ETIMEDOUT') {
    throw new Error(`the NVIDIA driver did not answer within ${timeoutSeconds} seconds`);
  }
  if (error) throw new Error(`no process could be started to look for GPUs: ${error.message}`);
  if (signal) throw new Error(`a process that looked for GPUs with ${file} was ended by ${signal}`);
  if (status !== 0) throw new Error(/^\w*Error: (.*)$/m.exec(stderr)?.[1] ?? `exit ${status}: ${stderr}`);
  return JSON.parse(stdout) as CudaProbe;
}
