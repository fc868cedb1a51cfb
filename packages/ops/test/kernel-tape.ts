import type { MemoryHandle } from '../src/core/native.js';
import { currentDevice } from '../src/core/open-device.js';
import type { Tensor } from '../src/core/tensor.js';

/** How replayed memory is compared: bit by bit, as floats, or not at all. */
const comparison = { bits: 0, floats: 1, none: 2 } as const;

/** Tensors that a kernel keeps intermediate results in, laid out as its registers are wide. */
const scratch: Readonly<Record<string, readonly number[]>> = { linear_cross_entropy: [7] };

interface RecordedStorage {
  readonly handle: MemoryHandle;
  readonly compare: number;
  readonly bytes: number;
  readonly before: Promise<ArrayBuffer>;
  after: Promise<ArrayBuffer>;
}

interface RecordedCall {
  readonly name: string;
  readonly storages: readonly RecordedStorage[];
  readonly tensors: readonly { readonly storage: number; readonly offset: number }[];
  readonly scalars: readonly number[];
}

/** Runs kernels as `run` does and remembers the memory before and after each, for native/test/replay. */
export class KernelTape {
  readonly #calls: RecordedCall[] = [];

  get length(): number {
    return this.#calls.length;
  }

  readonly run = (name: string, tensors: readonly (Tensor | null)[], scalars: readonly number[]): void => {
    const { native, kernels } = currentDevice();
    const storages: RecordedStorage[] = [];
    const places = tensors.map((tensor, index) => {
      if (!tensor) return { storage: -1, offset: 0 };
      const { handle, bytes } = tensor.storage(name);
      let storage = storages.findIndex((known) => known.handle === handle);
      if (storage < 0) {
        const before = native.read(handle, 0, bytes); // reads keep the queue's order
        const { bits, floats, none } = comparison;
        const compare = scratch[name]?.includes(index) ? none : tensor.dtype === 'float32' ? floats : bits;
        storage = storages.push({ handle, compare, bytes, before, after: before }) - 1;
      }
      return { storage, offset: tensor.byteOffset };
    });
    const handles = places.map(({ storage }) => (storage < 0 ? null : storages[storage]!.handle));
    const offsets = places.map(({ offset }) => offset);
    native.run(kernels.get(name)!.index, handles, offsets, scalars);
    for (const storage of storages) storage.after = native.read(storage.handle, 0, storage.bytes);
    this.#calls.push({ name, storages, tensors: places, scalars });
  };

  /** The tape's bytes; native/test/replay/replay.cpp says how they lie. */
  async bytes(): Promise<Buffer> {
    const parts: Buffer[] = [];
    const u32 = (value: number): void => {
      const part = Buffer.alloc(4);
      part.writeInt32LE(value);
      parts.push(part);
    };
    const u64 = (value: number): void => {
      const part = Buffer.alloc(8);
      part.writeBigUInt64LE(BigInt(value));
      parts.push(part);
    };
    for (const { name, storages, tensors, scalars } of this.#calls) {
      u32(name.length);
      parts.push(Buffer.from(name, 'latin1'));
      u32(storages.length);
      for (const { compare, bytes, before, after } of storages) {
        parts.push(Buffer.from([compare]));
        u64(bytes);
        parts.push(Buffer.from(await before), Buffer.from(await after));
      }
      u32(tensors.length);
      for (const { storage, offset } of tensors) {
        u32(storage);
        u64(offset);
      }
      u32(scalars.length);
      for (const scalar of scalars) {
        const part = Buffer.alloc(8);
        part.writeDoubleLE(scalar);
        parts.push(part);
      }
    }
    return Buffer.concat(parts);
  }
}
