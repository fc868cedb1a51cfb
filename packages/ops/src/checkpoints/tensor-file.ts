import type { Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { type LoadOptions, loadTensor } from './load-tensor.js';
import type { OpenFile } from './open-file.js';
import type { StoredTensor } from './stored-type.js';
import type { TensorSource } from './tensor-source.js';

/** An open-and-shut file of any format: where its tensors lie is in memory, they themselves are not. */
export class TensorFile implements TensorSource {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly #file: Pick<OpenFile, 'path' | 'error' | 'identity'>;

  constructor(
    file: Pick<OpenFile, 'path' | 'error' | 'identity'>,
    tensors: ReadonlyMap<string, StoredTensor>,
    metadata: Readonly<Record<string, string>> = {},
  ) {
    this.path = file.path;
    this.tensors = tensors;
    this.metadata = metadata;
    const { path, error, identity } = file;
    this.#file = { path, error, identity };
  }

  get files(): readonly string[] {
    return [this.path];
  }

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  shape(name: string): Shape {
    return this.#find(name).shape;
  }

  identity(name: string): string {
    const { dtype, shape, begin, end, strides } = this.#find(name);
    return [this.#file.identity, begin, end, dtype, shape.join(), strides?.join()].join(' ');
  }

  load(name: string, options: LoadOptions = {}): Tensor {
    return loadTensor({ path: this.path, name, error: this.#file.error }, this.#find(name), options);
  }

  #find(name: string): StoredTensor {
    const stored = this.tensors.get(name);
    if (stored) return stored;
    throw this.#file.error(
      this.path,
      name,
      `no tensor of this name; the file has ${listNames(this.tensors)}`,
    );
  }
}

/** `3 tensors: a, b, c` for messages. */
export function listNames(tensors: ReadonlyMap<string, unknown>): string {
  const names = [...tensors.keys()];
  const shown = names.slice(0, 12).join(', ').slice(0, 1000);
  return `${names.length} tensors${names.length ? `: ${shown}` : ''}${names.length > 12 ? ', ...' : ''}`;
}
