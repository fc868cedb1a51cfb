import { formatShape } from '../../core/shape.js';
import { pytorchError } from '../checkpoint-error.js';
import { OpenFile } from '../open-file.js';
import { type StoredTensor, storedBytes } from '../stored-type.js';
import { elementsOf, elementsSpanned, isRowMajor } from '../strides.js';
import { TensorFile } from '../tensor-file.js';
import { describeKeys, flattenTensors } from './flatten-tensors.js';
import { PickledRecord, type PickledTensor, type PickledValue } from './pickled-value.js';
import { readArchive } from './read-archive.js';
import { readSequence } from './read-sequence.js';

/** Where a storage's bytes lie in the file. */
export interface StoragePlace {
  readonly begin: number;
  readonly bytes: number;
}

/** The tree that was saved, and where the numbers of its tensors are. */
export interface SavedTree {
  readonly value: PickledValue;
  readonly storages: ReadonlyMap<string, StoragePlace>;
}

/**
 * A file of `torch.save`: its tensors by flattened name (`model.connector.0.weight`), and as `value` everything else that was
 * saved. Only the pickle was read; the tensors are read when they are loaded.
 */
export class PyTorchFile extends TensorFile {
  readonly value: PickledValue;
  readonly #file: Pick<OpenFile, 'path' | 'error' | 'identity'>;

  /** Use `readPyTorch`. */
  constructor(
    file: Pick<OpenFile, 'path' | 'error' | 'identity'>,
    value: PickledValue,
    tensors: ReadonlyMap<string, StoredTensor>,
  ) {
    super(file, tensors);
    this.value = value;
    const { path, error, identity } = file;
    this.#file = { path, error, identity };
  }

  /** What lies under these keys, one in another, its tensors named from there: `select('model')` of a training checkpoint. */
  select(...keys: readonly string[]): PyTorchFile {
    let value: PickledValue = this.value;
    for (const [depth, key] of keys.entries()) {
      const fields: PickledValue = value instanceof PickledRecord ? value.fields : value;
      const next = fields instanceof Map ? fields.get(key) : undefined;
      if (next === undefined) {
        const path = keys.slice(0, depth + 1).join('.');
        throw this.#file.error(
          this.path,
          null,
          `has nothing under ${JSON.stringify(path)}; ${describeKeys(value)}`,
        );
      }
      value = next;
    }
    const prefix = keys.map((key) => `${key}.`).join('');
    const tensors = [...this.tensors]
      .filter(([name]) => name.startsWith(prefix) || `${name}.` === prefix)
      .map(([name, stored]) => [name.slice(prefix.length), stored] as const);
    return new PyTorchFile(this.#file, value, new Map(tensors));
  }
}

/**
 * Opens a file of `torch.save`: the zip archives since PyTorch 1.6 and the older plain sequence. Its pickle is read as data:
 * tensors, dictionaries, lists, numbers, text, `argparse.Namespace`, NumPy scalars; any other name in it is an error that says
 * the name, and nothing is ever executed. Views are honoured (offset and strides), and every size is checked against the file.
 */
export function readPyTorch(path: string): PyTorchFile {
  return OpenFile.use(path, pytorchError, (file) => {
    const { value, storages } = isZip(file) ? readArchive(file) : readSequence(file);
    const tensors = [...flattenTensors(file, value)].map(
      ([name, tensor]) => [name, placeTensor(file, name, tensor, storages)] as const,
    );
    tensors.sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
    return new PyTorchFile(file, value, new Map(tensors));
  });
}

/** Whether a file begins as a zip archive does. */
export function isZip(file: OpenFile): boolean {
  return file.size >= 4 && file.read(0, 4).readUInt32LE() === 0x04034b50;
}

function placeTensor(
  file: OpenFile,
  name: string,
  { dtype, storage, offset, shape, strides }: PickledTensor,
  storages: ReadonlyMap<string, StoragePlace>,
): StoredTensor {
  const place = storages.get(storage.key)!;
  const bytes = storedBytes[dtype];
  const elements = elementsOf(shape);
  const spanned = elementsSpanned(shape, strides);
  if (!((offset + spanned) * bytes <= place.bytes)) {
    throw file.fail(
      name,
      `${dtype} ${formatShape(shape.slice(0, 8))} reaches to element ${offset + spanned}, but its storage has ${place.bytes} bytes`,
    );
  }
  if (!(elements * bytes <= file.size)) {
    throw file.fail(
      name,
      `${dtype} ${formatShape(shape.slice(0, 8))} repeats its elements to more than the file has; save the tensor unexpanded`,
    );
  }
  const begin = place.begin + (elements === 0 ? 0 : offset * bytes);
  const stored = { dtype, shape, begin, end: begin + spanned * bytes };
  return isRowMajor(shape, strides) ? stored : { ...stored, strides };
}
