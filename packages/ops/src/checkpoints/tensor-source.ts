import type { Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import type { LoadOptions } from './load-tensor.js';
import type { StoredTensor } from './stored-type.js';

/** Tensors that can be loaded one by one: of one file, or of all shards of a checkpoint. */
export interface TensorSource {
  /** The file or folder, for messages. */
  readonly path: string;
  /** What is there by name, in the order of the bytes. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** The `__metadata__` of a safetensors file, or of a checkpoint's first shard; other formats have none. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Paths of the files that were opened. */
  readonly files: readonly string[];
  has(name: string): boolean;
  /** The shape of a tensor, which must exist. */
  shape(name: string): Shape;
  /**
   * Says which bytes of which state of which file a tensor is: the same text in any other opening of the same files, and
   * another one once a file has changed.
   */
  identity(name: string): string;
  /**
   * Reads a tensor into device memory; the work is queued, so an unreadable file rejects the next wait.
   *
   * @param options.dtype float types become float32 and int64 becomes int32 unless this says otherwise.
   * @param options.rows only these entries of the first axis.
   */
  load(name: string, options?: LoadOptions): Tensor;
}
