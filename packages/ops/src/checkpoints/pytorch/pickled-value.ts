import type { StoredType } from '../stored-type.js';

/**
 * What a PyTorch file says, as data: dictionaries are Maps (no key can reach a prototype), lists and tuples are arrays,
 * whole numbers beyond 2^53 bigints, bytes Uint8Arrays.
 */
export type PickledValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickledValue[]
  | Set<PickledValue>
  | Map<PickledValue, PickledValue>
  | PickledTensor
  | PickledRecord
  | PickledName;

/** A tensor of the pickle: a view of a storage that lies elsewhere in the file. */
export class PickledTensor {
  constructor(
    readonly dtype: StoredType,
    /** The storage's name in the file, and how many bytes it must have. */
    readonly storage: PickledStorage,
    /** Of the first element, in elements. */
    readonly offset: number,
    readonly shape: readonly number[],
    /** In elements. */
    readonly strides: readonly number[],
  ) {}
}

/** A plain object that is not a dictionary, by the name of its class: `argparse.Namespace`. */
export class PickledRecord {
  constructor(
    readonly className: string,
    readonly fields: Map<PickledValue, PickledValue>,
  ) {}
}

/** Something that stands for itself: a type such as `torch.float32`, a device such as `cuda:0`. */
export class PickledName {
  constructor(readonly name: string) {}
}

/** Where the numbers of tensors are, from a persistent id. */
export class PickledStorage {
  constructor(
    readonly key: string,
    /** null where the tensor says it: an untyped storage. */
    readonly dtype: StoredType | null,
    readonly bytes: number,
  ) {}
}
