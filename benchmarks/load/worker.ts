// One load, or one reading of the file, in a process of its own. Arguments: `read FILE`, `keep FILE` or `load FOLDER TYPE`; prints
// JSON.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { loadBackbone } from '@ocelli/backbones';
import { device, noGrad, scope, type WeightType } from '@ocelli/ops';

/** What one load took. */
export interface LoadNumbers {
  /** From the call to the first token, or to an encoder that is ready. */
  readonly seconds: number;
  /** What the weights take up when all is loaded, in bytes. */
  readonly packed: number;
  /** What the process had at most beyond what it had before, in bytes: resident memory. */
  readonly peak: number;
  /** The same for a second load of the same files beside the first. */
  readonly secondSeconds: number;
  readonly secondPeak: number;
}

const [action, path, type] = process.argv.slice(2) as ['read' | 'keep' | 'load', string, WeightType];
process.stdout.write(
  JSON.stringify(action === 'load' ? await load(path, type) : read(path, action === 'keep')),
);

/** Reads a file once from its beginning to its end: into the same memory again and again, or into as much as it has bytes. */
function read(file: string, keeps: boolean): { seconds: number } {
  const pieceBytes = 8 * 2 ** 20;
  let target = Buffer.alloc(pieceBytes, 1);
  const kept = [target];
  const begin = performance.now();
  const descriptor = openSync(file, 'r');
  while (readSync(descriptor, target, 0, pieceBytes, null) > 0) {
    if (!keeps) continue;
    target = Buffer.allocUnsafeSlow(pieceBytes);
    kept.push(target);
  }
  closeSync(descriptor);
  return { seconds: (performance.now() - begin) / 1000 };
}

async function load(directory: string, dtype: WeightType): Promise<LoadNumbers> {
  await device.synchronize();
  const before = resident('VmRSS');
  const first = await loadOnce(directory, dtype);
  const peak = resident('VmHWM') - before;
  const packed = device.memory().allocated;
  const second = await loadOnce(directory, dtype);
  return {
    seconds: first,
    packed,
    peak,
    secondSeconds: second,
    secondPeak: resident('VmHWM') - before - peak,
  };
}

/** Loads the model and keeps it. An encoder's first image is arithmetic of its own length, and is left out. */
async function loadOnce(directory: string, dtype: WeightType): Promise<number> {
  const begin = performance.now();
  const { kind, model } = loadBackbone(directory, { dtype });
  if (kind === 'languageModel') {
    const input = { batch: 1, tokens: 1, ids: Int32Array.of(2), mask: Uint8Array.of(1) };
    using logits = scope(() => noGrad(() => model.forward({ input }).logits));
    await logits.data();
  } else {
    await device.synchronize();
  }
  return (performance.now() - begin) / 1000;
}

function resident(field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync('/proc/self/status', 'utf8');
  return 1024 * Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
}
