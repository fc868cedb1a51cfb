import type { PickleBytes } from './pickle-bytes.js';
import {
  PickledName,
  PickledRecord,
  PickledStorage,
  PickledTensor,
  type PickledValue,
} from './pickled-value.js';

/** What may lie on the stack beside values: things that only become part of one. */
export type StackValue = PickledValue | PickledFunction | PickledStorage;

/** A name of the allow-list that makes a value from arguments, in code of ours. */
export class PickledFunction {
  constructor(
    readonly name: string,
    readonly call: (machine: Machine, args: readonly StackValue[]) => PickledValue,
  ) {}
}

/** More containers and long numbers than this are refused: a few hundred MB of JavaScript's memory. */
const mostObjects = 2_000_000;
const mostAxes = 64;

/** What the operations of a pickle share: checks of what they are given, and the limits that a hostile pickle meets. */
export class Machine {
  /** Those that were named, by key. */
  readonly storages = new Map<string, PickledStorage>();
  #objects = 0;
  #copied = 0;
  readonly #begin: number;

  constructor(readonly bytes: PickleBytes) {
    this.#begin = bytes.position;
  }

  /** `PATH: its pickle has WHAT`. */
  fail(what: string): Error {
    return this.bytes.file.fail(null, `its pickle cannot be read: ${what}`);
  }

  /** Counts a container or a long number. */
  made<T>(object: T): T {
    if (++this.#objects > mostObjects) throw this.fail(`more than ${mostObjects} objects`);
    return object;
  }

  /**
   * Counts elements that are copied. Whatever Python writes is copied once, so no more can be than was read; a pickle that has
   * one long list copied again and again ends here.
   */
  spend(elements: number): void {
    this.#copied += elements;
    if (this.#copied > 65536 + this.bytes.position - this.#begin)
      throw this.fail(`it copies the same values over and over`);
  }

  /** A list or tuple. */
  list(value: StackValue | undefined): PickledValue[] {
    if (Array.isArray(value)) return value;
    throw this.fail(`a list is missing`);
  }

  text(value: StackValue | undefined): string {
    if (typeof value === 'string') return value;
    throw this.fail(`a text is missing`);
  }

  /** Extents or strides. */
  wholeNumbers(value: StackValue | undefined): number[] {
    const numbers = this.list(value);
    if (numbers.length > mostAxes) throw this.fail(`${numbers.length} axes; ${mostAxes} are allowed`);
    return numbers.map((number) => this.wholeNumber(number));
  }

  /** An extent, a stride, an offset. */
  wholeNumber(value: StackValue | undefined): number {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw this.fail(`an extent, stride or offset that is no whole number >= 0`);
  }

  /** The storage of this key; one that was named before must have been the same. */
  storage(named: PickledStorage): PickledStorage {
    const known = this.storages.get(named.key);
    if (known && known.bytes !== named.bytes)
      throw this.fail(`storage ${describeKey(named.key)} with ${known.bytes} and with ${named.bytes} bytes`);
    this.storages.set(named.key, known ?? named);
    return named;
  }

  /** A value that may be part of another. */
  value(value: StackValue | undefined): PickledValue {
    if (value === undefined) throw this.fail(`the stack is empty`);
    if (value instanceof PickledFunction) throw this.fail(`${value.name} stands where a value should`);
    if (value instanceof PickledStorage) throw this.fail(`a storage that is not part of a tensor`);
    return value;
  }

  /** A key may be what Python can hash; tensors and containers but tuples are not. */
  setItem(target: Map<PickledValue, PickledValue>, key: StackValue, value: StackValue): void {
    const isHashable = !(
      key instanceof Map ||
      key instanceof Set ||
      key instanceof PickledTensor ||
      key instanceof PickledRecord
    );
    if (!isHashable) throw this.fail(`a key of a dictionary that is a container`);
    const name = this.value(key);
    if (target.has(name)) throw this.fail(`a dictionary has the key ${describeKey(name)} twice`);
    target.set(name, this.value(value));
  }

  /** A number where it is exact. */
  whole(value: bigint): number | bigint {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : this.made(value);
  }
}

export function describeKey(key: PickledValue): string {
  if (typeof key === 'string') return JSON.stringify(key.slice(0, 200));
  if (key instanceof PickledName) return key.name;
  return typeof key === 'object' ? 'that is no text' : String(key).slice(0, 200);
}
