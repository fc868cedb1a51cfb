import { type StoredType, storedBytes } from '../stored-type.js';
import { type Machine, PickledFunction, type StackValue } from './machine.js';
import { numpyDtype, numpyScalar } from './numpy-scalar.js';
import { PickledName, PickledRecord, PickledStorage, PickledTensor } from './pickled-value.js';

/** Everything that a pickle may name. What is not here is an error: nothing is ever imported or called by its name. */
const allowed = new Map<string, StackValue>();

function allow(names: readonly string[], call: PickledFunction['call']): void {
  for (const name of names) allowed.set(name, new PickledFunction(name, call));
}

const storageTypes: Readonly<Record<string, StoredType>> = {
  DoubleStorage: 'float64',
  FloatStorage: 'float32',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  ComplexFloatStorage: 'complex64',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
};

const dtypes: Readonly<Record<string, StoredType>> = {
  float64: 'float64',
  float32: 'float32',
  float16: 'float16',
  bfloat16: 'bfloat16',
  float8_e4m3fn: 'float8_e4m3',
  float8_e5m2: 'float8_e5m2',
  float8_e8m0fnu: 'float8_e8m0',
  complex64: 'complex64',
  int64: 'int64',
  int32: 'int32',
  int16: 'int16',
  int8: 'int8',
  uint64: 'uint64',
  uint32: 'uint32',
  uint16: 'uint16',
  uint8: 'uint8',
  bool: 'bool',
};

/** A class of storages, the second part of a persistent id. */
class StorageType extends PickledName {
  constructor(
    name: string,
    readonly dtype: StoredType | null,
  ) {
    super(name);
  }
}

for (const [name, dtype] of Object.entries(storageTypes))
  allowed.set(`torch.${name}`, new StorageType(`torch.${name}`, dtype));
for (const name of ['torch.storage.UntypedStorage', 'torch.UntypedStorage'])
  allowed.set(name, new StorageType(name, null));
for (const name of Object.keys(dtypes)) allowed.set(`torch.${name}`, new PickledName(`torch.${name}`));

allow(['collections.OrderedDict'], (machine, [items = []]) => {
  const pairs = machine.list(items); // as Python 2 wrote it; Python 3 sets the items one by one
  machine.spend(pairs.length);
  const result = new Map();
  for (const pair of pairs) {
    const [key, value, ...more] = machine.list(pair);
    if (key === undefined || value === undefined || more.length)
      throw machine.fail(`an OrderedDict of no pairs`);
    machine.setItem(result, key, value);
  }
  return result;
});
allow(
  ['__builtin__.set', 'builtins.set', '__builtin__.frozenset', 'builtins.frozenset'],
  (machine, [items = []]) => {
    const entries = machine.list(items);
    machine.spend(entries.length);
    return new Set(entries.map((entry) => machine.value(entry)));
  },
);
allow(['torch.Size'], (machine, [sizes]) => machine.wholeNumbers(sizes));
allow(['torch.device'], (machine, [type, index]) => {
  const name = machine.text(type);
  return new PickledName(typeof index === 'number' ? `${name}:${index}` : name);
});
allow(['argparse.Namespace'], () => new PickledRecord('argparse.Namespace', new Map()));
// How protocol 2 writes bytes.
allow(['_codecs.encode'], (machine, [text, encoding]) => {
  if (encoding !== 'latin1') throw machine.fail(`_codecs.encode to ${String(encoding)} instead of latin1`);
  machine.spend(machine.text(text).length);
  return Uint8Array.from(Buffer.from(machine.text(text), 'latin1'));
});
allow(['numpy.dtype'], numpyDtype);
allow(['numpy.core.multiarray.scalar', 'numpy._core.multiarray.scalar'], numpyScalar);

allow(['torch._utils._rebuild_tensor_v2'], (machine, [storage, offset, size, stride, , , metadata]) =>
  tensorOf(machine, { storage, offset, size, stride, metadata }),
);
allow(
  ['torch._utils._rebuild_tensor_v3'],
  (machine, [storage, offset, size, stride, , , dtype, metadata]) => {
    const name = dtype instanceof PickledName ? dtype.name.replace(/^torch\./, '') : '';
    if (!Object.hasOwn(dtypes, name)) throw machine.fail(`a tensor without a known dtype`);
    return tensorOf(machine, { storage, offset, size, stride, metadata, dtype: dtypes[name]! });
  },
);
allow(['torch._utils._rebuild_parameter'], (machine, [data]) => {
  if (data instanceof PickledTensor) return data;
  throw machine.fail(`a parameter without a tensor`);
});

interface TensorParts {
  readonly storage: StackValue | undefined;
  readonly offset: StackValue | undefined;
  readonly size: StackValue | undefined;
  readonly stride: StackValue | undefined;
  readonly metadata: StackValue | undefined;
  readonly dtype?: StoredType;
}

function tensorOf(
  machine: Machine,
  { storage, offset, size, stride, metadata, dtype }: TensorParts,
): PickledTensor {
  if (!(storage instanceof PickledStorage)) throw machine.fail(`a tensor without a storage`);
  const type = dtype ?? storage.dtype;
  if (!type) throw machine.fail(`a tensor of an untyped storage that names no dtype`);
  if (metadata instanceof Map && metadata.size > 0)
    throw machine.fail(
      `a tensor whose conjugation or negation is still to be done; save it after .resolve_conj()`,
    );
  const first = machine.wholeNumber(offset);
  const shape = machine.wholeNumbers(size);
  const strides = machine.wholeNumbers(stride);
  if (shape.length !== strides.length)
    throw machine.fail(`a tensor with ${shape.length} axes and ${strides.length} strides`);
  return new PickledTensor(type, storage, first, shape, strides);
}

/** The value of `module.name` in a pickle. */
export function findAllowed(machine: Machine, module: string, name: string): StackValue {
  const found = allowed.get(`${module}.${name}`);
  if (found !== undefined) return found;
  throw machine.fail(
    `it names ${JSON.stringify(`${module}.${name}`.slice(0, 200))}, which is not among what is read from pickles; nothing was ` +
      `executed. Save plain tensors, dictionaries, lists, numbers and text in Python`,
  );
}

/** `('storage', torch.FloatStorage, key, location, elements)`, and in the old format a view, which must be None. */
export function storageOf(machine: Machine, id: StackValue): PickledStorage {
  const [kind, type, key, , elements, view] = machine.list(id);
  if (kind !== 'storage' || !(type instanceof StorageType))
    throw machine.fail(`a persistent id that is no storage`);
  if (view !== undefined && view !== null)
    throw machine.fail(`a view of a storage, as PyTorch before 0.4 wrote them`);
  const count = machine.wholeNumber(elements);
  const bytes = count * (type.dtype ? storedBytes[type.dtype] : 1);
  return machine.storage(new PickledStorage(machine.text(key), type.dtype, bytes));
}
