import type { GradientNode } from '../autograd/node.js';
import { capturing } from './capturing.js';
import { arrayConstructor, bytesPerElement, type DType, type DTypeArrays } from './dtype.js';
import { OcelliError, UseAfterFreeError } from './errors.js';
import { watch } from './failures.js';
import { type DeviceName, openDevice } from './open-device.js';
import { run } from './run.js';
import { enterScope, keep } from './scope.js';
import { checkShape, formatShape, type Shape, sizeOf } from './shape.js';
import { Storage } from './storage.js';

/**
 * A contiguous, row-major array on a device. Ops enqueue work and return at once; `data()` and `item()` wait.
 * Free it with `using`, `dispose()` or a `scope`; the garbage collector is only the net.
 */
export class Tensor {
  readonly shape: Shape;
  readonly dtype: DType;
  /** Where this view begins in its storage, in bytes. */
  readonly byteOffset: number;
  /** Leaves with `requiresGrad` collect `grad` in `backward()`. */
  requiresGrad = false;
  grad: Tensor | null = null;
  /** How this tensor was made, where a gradient has to pass. */
  node: GradientNode | null = null;
  #storage: Storage | null;
  #isDisposed = false;
  #readers = 0;

  constructor(storage: Storage, shape: Shape, dtype: DType, byteOffset = 0) {
    this.#storage = storage;
    this.shape = shape;
    this.dtype = dtype;
    this.byteOffset = byteOffset;
    enterScope(this);
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  get rank(): number {
    return this.shape.length;
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  /** The memory behind this tensor, for ops; throws once it is freed. */
  storage(operation: string): Storage {
    if (!this.#storage)
      throw new UseAfterFreeError(operation, `a tensor ${formatShape(this.shape)} ${this.dtype}`);
    return this.#storage;
  }

  /** Copies the elements to JavaScript after all work queued before. Half types come as bit patterns. */
  async data<T extends DType = 'float32'>(): Promise<DTypeArrays[T]> {
    const bytes = this.size * bytesPerElement[this.dtype];
    const { device, handle } = this.storage('data');
    const buffer = await watch(device.native.read(handle, this.byteOffset, bytes));
    return new arrayConstructor[this.dtype](buffer) as DTypeArrays[T];
  }

  /** The only element of a tensor with one. */
  async item(): Promise<number> {
    if (this.size !== 1) {
      throw new OcelliError(
        'item',
        `needs a tensor with one element, got ${formatShape(this.shape)}; use data()`,
      );
    }
    return (await this.data())[0] as number;
  }

  /** Overwrites the elements, in queue order. `values.length` must equal `size`. */
  write(values: DTypeArrays[DType]): void {
    const Expected = arrayConstructor[this.dtype];
    if (!(values instanceof Expected) || values.length !== this.size) {
      throw new OcelliError(
        'write',
        `a tensor ${formatShape(this.shape)} ${this.dtype} takes a ${Expected.name} of ${this.size} elements, ` +
          `got a ${values.constructor.name} of ${values.length}`,
      );
    }
    const { device, handle } = this.storage('write');
    const current = capturing();
    if (this.size === 0) return;
    if (current) {
      // What is written now is there again at each replay: from memory that holds nothing else.
      const source = new Tensor(Storage.constant(current, values).retain(), [values.byteLength], 'uint8');
      run('copy_blocks', [source, this], [1, values.byteLength, 0, 0, 0, 0, 1]);
      source.dispose();
    } else {
      device.native.write(handle, this.byteOffset, values);
    }
  }

  /** Where it lies. */
  get device(): DeviceName {
    return this.storage('device').device.name;
  }

  /** A copy on another device, without history; waits for all work queued before. */
  async to(name: DeviceName): Promise<Tensor> {
    const values = await this.data<DType>();
    const copy = new Tensor(Storage.of(this.size, this.dtype, openDevice(name)), this.shape, this.dtype);
    copy.write(values);
    return copy;
  }

  /** Another view of the same memory that autograd does not follow; free it on its own. */
  view(shape: Shape, byteOffset = this.byteOffset): Tensor {
    return new Tensor(this.storage('view').retain(), shape, this.dtype, byteOffset);
  }

  /** The same values, cut off from the gradient. */
  detach(): Tensor {
    return this.view(this.shape);
  }

  /** Gives this tensor memory of its own if other views share it, so that writing to it changes none of them. */
  unshare(): this {
    const shared = this.storage('unshare');
    if (!shared.isShared) return this;
    using copy = empty([shared.bytes], 'uint8');
    using whole = new Tensor(shared.retain(), [shared.bytes], 'uint8');
    run('copy_blocks', [whole, copy], [1, shared.bytes, 0, 0, 0, 0, 1]);
    this.#storage = copy.storage('unshare').retain();
    shared.release();
    return this;
  }

  /** Marks this tensor as trainable and takes it out of every scope. */
  asParameter(): this {
    this.requiresGrad = true;
    return keep(this);
  }

  /** Frees the memory, or leaves it to the recorded ops that read it in backward. */
  dispose(): void {
    this.#isDisposed = true;
    this.#freeUnused();
    this.grad?.dispose();
    this.grad = null;
  }

  /** Keeps the memory beyond `dispose()` until as many calls of `release`: for ops whose backward reads it. */
  retain(): void {
    this.#readers++;
  }

  /** Takes one `retain` back. */
  release(): void {
    this.#readers--;
    this.#freeUnused();
  }

  #freeUnused(): void {
    if (!this.#isDisposed || this.#readers > 0) return;
    const storage = this.#storage;
    this.#storage = null;
    storage?.release();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  toString(): string {
    return `Tensor ${formatShape(this.shape)} ${this.dtype}`;
  }
}

/** Uninitialised memory. */
export function empty(shape: Shape, dtype: DType = 'float32'): Tensor {
  checkShape('empty', shape);
  return new Tensor(Storage.of(sizeOf(shape), dtype), [...shape], dtype);
}

/**
 * Copies JavaScript values to the device.
 *
 * @param values numbers in row-major order; a typed array decides the type, a plain array is float32 unless `dtype` says
 *   otherwise. Half types take their 16-bit patterns in a Uint16Array with `dtype` given.
 * @param shape defaults to one axis of `values.length`.
 */
export function tensor(values: ArrayLike<number>, shape?: Shape, dtype?: DType): Tensor {
  const type = dtype ?? inferType(values);
  const Constructor = arrayConstructor[type];
  const typed = values instanceof Constructor ? values : Constructor.from(values);
  const finalShape = shape ?? [typed.length];
  checkShape('tensor', finalShape);
  if (sizeOf(finalShape) !== typed.length) {
    throw new OcelliError(
      'tensor',
      `shape ${formatShape(finalShape)} holds ${sizeOf(finalShape)} elements, got ${typed.length} values`,
    );
  }
  const result = empty(finalShape, type);
  result.write(typed);
  return result;
}

/** The type of a tensor of these values. */
export function inferType(values: ArrayLike<number>): DType {
  if (values instanceof Int32Array) return 'int32';
  if (values instanceof Uint8Array) return 'uint8';
  if (values instanceof Uint16Array) {
    throw new OcelliError(
      'tensor',
      `a Uint16Array may be bfloat16 or float16; say which with the dtype argument`,
    );
  }
  return 'float32';
}

/** A tensor of zeros. */
export function zeros(shape: Shape, dtype: DType = 'float32'): Tensor {
  return full(shape, 0, dtype);
}

/** A tensor that holds `value` everywhere; half types take its 16-bit pattern. */
export function full(shape: Shape, value: number, dtype: DType = 'float32'): Tensor {
  const result = empty(shape, dtype);
  const bits = new Uint32Array(1);
  new arrayConstructor[dtype](bits.buffer)[0] = value;
  if (result.size > 0) run('fill', [result], [result.size, bytesPerElement[dtype], bits[0]!]);
  return result;
}
