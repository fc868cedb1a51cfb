import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { initialWeights, OptModel, parseOptConfig, parseVitConfig, VitModel } from '@ocelli/backbones';
import { dryRun, Random, type Shape, sizeOf, zeros } from '@ocelli/ops';
import type { LoadedModel, types } from './settings.js';

/**
 * Writes a checkpoint with random weights, tensor by tensor: the whole model is never in memory, so that the file of a large one
 * can be made where only its load is to be measured.
 *
 * @returns the path of its weights.
 */
export function writeCheckpoint(directory: string, model: LoadedModel, type: (typeof types)[number]): string {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'config.json'), JSON.stringify(model.config));
  const elementBytes = type === 'float32' ? 4 : 2;
  const shapes = [...shapesOf(model)];
  let end = 0;
  const header = Object.fromEntries(
    shapes.map(([name, shape]) => {
      const begin = end;
      end += sizeOf(shape) * elementBytes;
      return [name, { dtype: type === 'float32' ? 'F32' : 'BF16', shape, data_offsets: [begin, end] }];
    }),
  );
  const json = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(json.length));
  const path = join(directory, 'model.safetensors');
  const file = openSync(path, 'w');
  try {
    writeSync(file, size);
    writeSync(file, json);
    const block = randomBlock(elementBytes);
    for (const [, shape] of shapes) {
      for (let left = sizeOf(shape) * elementBytes; left > 0; )
        left -= writeSync(file, block, 0, Math.min(left, block.length));
    }
  } finally {
    closeSync(file);
  }
  return path;
}

/** Names and shapes in the order in which Hugging Face's own writer lays them out. */
function shapesOf({ kind, config }: LoadedModel): [string, Shape][] {
  return dryRun(() => {
    const source = initialWeights(new Random(0), (_, shape) => zeros(shape));
    const trainable = { trainable: true };
    const made =
      kind === 'languageModel'
        ? new OptModel(parseOptConfig({ ...config }, 'settings'), source, 'random', trainable)
        : new VitModel(parseVitConfig({ ...config }, 'settings'), source, 'random', trainable);
    const shapes = [...made.namedParameters()].map(([name, { shape }]): [string, Shape] => [name, shape]);
    made.dispose();
    return shapes.sort(([a], [b]) => (a < b ? -1 : 1));
  });
}

/** 16 MiB of numbers between -0.02 and 0.02. */
function randomBlock(elementBytes: number): Buffer {
  const values = new Float32Array((16 * 2 ** 20) / elementBytes);
  let state = 2166136261;
  for (let i = 0; i < values.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    values[i] = (state / 2 ** 31) * 0.02;
  }
  if (elementBytes === 4) return Buffer.from(values.buffer);
  return Buffer.from(Uint16Array.from(new Uint32Array(values.buffer), (bits) => bits >>> 16).buffer);
}
