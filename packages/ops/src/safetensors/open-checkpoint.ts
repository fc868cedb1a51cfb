import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import type { LoadOptions } from './load-tensor.js';
import { safetensorsError } from './safetensors-error.js';
import { listNames, readSafetensors, type SafetensorsFile, type TensorSource } from './safetensors-file.js';
import type { StoredTensor } from './stored-type.js';

const singleName = 'model.safetensors';
const indexName = 'model.safetensors.index.json';

/**
 * Opens the weights of a folder in Hugging Face's layout: `model.safetensors`, or the shards that
 * `model.safetensors.index.json` lists, as one map. Every shard's header is checked; a shard or tensor of the index that
 * is missing is an error that names it.
 */
export function openCheckpoint(directory: string): TensorSource {
  const single = join(directory, singleName);
  if (existsSync(single)) return readSafetensors(single);
  const index = join(directory, indexName);
  if (existsSync(index)) return openShards(directory, index);
  throw safetensorsError(
    directory,
    null,
    `has neither ${singleName} nor ${indexName}; ${whatElse(directory)}`,
  );
}

function whatElse(directory: string): string {
  if (!existsSync(directory)) return 'the folder does not exist';
  const pickled = readdirSync(directory).filter((name) => /\.(bin|pt|pth|npz|ckpt)$/.test(name));
  if (pickled.length === 0) return 'give the folder that a checkpoint was saved or downloaded to';
  return `${pickled[0]} cannot be read; save the model again in Python with save_pretrained(..., safe_serialization=True)`;
}

class ShardedCheckpoint implements TensorSource {
  readonly path: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly #shardOf: ReadonlyMap<string, SafetensorsFile>;

  constructor(path: string, shardOf: ReadonlyMap<string, SafetensorsFile>) {
    this.path = path;
    this.#shardOf = shardOf;
    this.tensors = new Map([...shardOf].map(([name, shard]) => [name, shard.tensors.get(name)!]));
    this.metadata = [...shardOf.values()][0]?.metadata ?? {};
  }

  get files(): readonly string[] {
    return [...new Set(this.#shardOf.values())].map((shard) => shard.path);
  }

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  shape(name: string): Shape {
    return this.#find(name).shape(name);
  }

  load(name: string, options?: LoadOptions): Tensor {
    return this.#find(name).load(name, options);
  }

  #find(name: string): SafetensorsFile {
    const shard = this.#shardOf.get(name);
    if (!shard) {
      throw safetensorsError(
        this.path,
        name,
        `no tensor of this name; the shards have ${listNames(this.tensors)}`,
      );
    }
    return shard;
  }
}

function openShards(directory: string, index: string): TensorSource {
  const shardOf = new Map<string, SafetensorsFile>();
  const opened = new Map<string, SafetensorsFile>();
  for (const [name, fileName] of readWeightMap(index)) {
    const path = join(directory, fileName);
    if (!opened.has(fileName)) {
      if (!existsSync(path)) {
        throw safetensorsError(
          index,
          name,
          `is in ${fileName}, which is missing; download the checkpoint again`,
        );
      }
      opened.set(fileName, readSafetensors(path));
    }
    const shard = opened.get(fileName)!;
    if (!shard.tensors.has(name)) {
      throw safetensorsError(
        index,
        name,
        `should be in ${fileName}, but that has ${listNames(shard.tensors)}`,
      );
    }
    shardOf.set(name, shard);
  }
  return new ShardedCheckpoint(directory, shardOf);
}

/** The shard's file name by tensor name. */
function readWeightMap(index: string): [string, string][] {
  let root: unknown;
  try {
    root = JSON.parse(readFileSync(index, 'utf8'));
  } catch (error) {
    throw safetensorsError(index, null, `cannot be read as JSON (${(error as Error).message})`, error);
  }
  const weightMap =
    typeof root === 'object' && root !== null && 'weight_map' in root ? root.weight_map : null;
  if (typeof weightMap !== 'object' || weightMap === null || Array.isArray(weightMap)) {
    throw safetensorsError(index, null, `has no weight_map from tensor names to files`);
  }
  return Object.entries(weightMap).map(([name, fileName]: [string, unknown]) => {
    if (
      typeof fileName !== 'string' ||
      basename(fileName) !== fileName ||
      fileName === '..' ||
      fileName === '.'
    ) {
      throw safetensorsError(
        index,
        name,
        `${JSON.stringify(fileName)} is not the name of a file beside the index`,
      );
    }
    return [name, fileName];
  });
}
