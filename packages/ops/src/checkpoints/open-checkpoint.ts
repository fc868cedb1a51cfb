import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import type { Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { checkpointError } from './checkpoint-error.js';
import type { LoadOptions } from './load-tensor.js';
import { readNpz } from './npz/read-npz.js';
import { OpenFile } from './open-file.js';
import { isZip, readPyTorch } from './pytorch/read-pytorch.js';
import { readSafetensors } from './safetensors/read-safetensors.js';
import type { StoredTensor } from './stored-type.js';
import { listNames } from './tensor-file.js';
import type { TensorSource } from './tensor-source.js';

/** What a folder's weights are called, the preferred name first: one file, or an index of shards. */
const names = ['model.safetensors', 'pytorch_model.bin'] as const;
const otherEndings = /\.(pth|npz)$/;

/**
 * Opens the weights of a checkpoint as one map.
 *
 * @param path a file (`.safetensors`, `.npz`, or of `torch.save` under whatever name), or a folder: its `model.safetensors`, else
 *   the shards that `model.safetensors.index.json` lists, else `pytorch_model.bin` or its shards, else its only `.pth` or `.npz`.
 *   Every shard's header is checked; a shard or tensor of the index that is missing is an error that names it.
 */
export function openCheckpoint(path: string): TensorSource {
  if (existsSync(path) && !statSync(path).isDirectory()) return openFile(path);
  for (const name of names) {
    const single = join(path, name);
    if (existsSync(single)) return openFile(single);
    const index = `${single}.index.json`;
    if (existsSync(index)) return openShards(path, index);
  }
  if (!existsSync(path)) throw checkpointError(path, null, 'the folder does not exist');
  const others = readdirSync(path).filter((name) => otherEndings.test(name));
  if (others.length === 1) return openFile(join(path, others[0]!));
  const have = others.length
    ? `has ${others.sort().join(', ')}; give the path of one`
    : `has none of ${names.join(', ')}, *.pth, *.npz`;
  throw checkpointError(path, null, `${have}; give the folder that a checkpoint was saved or downloaded to`);
}

/** By the name's ending, and where that does not tell, by the first bytes. */
function openFile(path: string): TensorSource {
  switch (extname(path)) {
    case '.safetensors':
      return readSafetensors(path);
    case '.npz':
      return readNpz(path);
    case '.bin':
    case '.pt':
    case '.pth':
      return readPyTorch(path);
  }
  const isPyTorch = OpenFile.use(
    path,
    checkpointError,
    (file) => isZip(file) || (file.size >= 2 && file.read(0, 1)[0] === 0x80),
  );
  return isPyTorch ? readPyTorch(path) : readSafetensors(path);
}

class ShardedCheckpoint implements TensorSource {
  readonly path: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly #shardOf: ReadonlyMap<string, TensorSource>;

  constructor(path: string, shardOf: ReadonlyMap<string, TensorSource>) {
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

  identity(name: string): string {
    return this.#find(name).identity(name);
  }

  load(name: string, options?: LoadOptions): Tensor {
    return this.#find(name).load(name, options);
  }

  #find(name: string): TensorSource {
    const shard = this.#shardOf.get(name);
    if (!shard) {
      throw checkpointError(
        this.path,
        name,
        `no tensor of this name; the shards have ${listNames(this.tensors)}`,
      );
    }
    return shard;
  }
}

function openShards(directory: string, index: string): TensorSource {
  const shardOf = new Map<string, TensorSource>();
  const opened = new Map<string, TensorSource>();
  for (const [name, fileName] of readWeightMap(index)) {
    const path = join(directory, fileName);
    if (!opened.has(fileName)) {
      if (!existsSync(path)) {
        throw checkpointError(
          index,
          name,
          `is in ${fileName}, which is missing; download the checkpoint again`,
        );
      }
      opened.set(fileName, openFile(path));
    }
    const shard = opened.get(fileName)!;
    if (!shard.tensors.has(name)) {
      throw checkpointError(
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
    throw checkpointError(index, null, `cannot be read as JSON (${(error as Error).message})`, error);
  }
  const weightMap =
    typeof root === 'object' && root !== null && 'weight_map' in root ? root.weight_map : null;
  if (typeof weightMap !== 'object' || weightMap === null || Array.isArray(weightMap)) {
    throw checkpointError(index, null, `has no weight_map from tensor names to files`);
  }
  return Object.entries(weightMap).map(([name, fileName]: [string, unknown]) => {
    if (
      typeof fileName !== 'string' ||
      basename(fileName) !== fileName ||
      fileName === '..' ||
      fileName === '.'
    ) {
      throw checkpointError(
        index,
        name,
        `${JSON.stringify(fileName)} is not the name of a file beside the index`,
      );
    }
    return [name, fileName];
  });
}
