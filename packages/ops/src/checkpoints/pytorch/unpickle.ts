import { findAllowed, storageOf } from './allowed.js';
import { Machine, PickledFunction, type StackValue } from './machine.js';
import { NumpyDtype } from './numpy-scalar.js';
import type { PickleBytes } from './pickle-bytes.js';
import { PickledRecord, type PickledStorage, type PickledValue } from './pickled-value.js';

/** Longer pickles are refused; the tensors' numbers are not part of them. */
const maxPickleBytes = 25_000_000;
const mostRemembered = 4_000_000;
/** Of a module, or of what is in it. */
const longestName = 1000;

/**
 * Reads one pickle of protocol 2 to 5 as data. It is a stack machine whose every instruction is here: what Python would import
 * and call is looked up in a list of harmless stand-ins (allowed.ts), and any other name ends the reading with an error
 * that says it. Values share parts as the pickle says, and may contain themselves.
 *
 * @param bytes at the pickle's beginning; behind its end afterwards.
 */
export function unpickle(bytes: PickleBytes): Pickle {
  const machine = new Machine(bytes);
  const value = new Unpickler(bytes, machine).run();
  return { value, storages: machine.storages };
}

/** What a pickle holds. */
export interface Pickle {
  readonly value: PickledValue;
  /** The storages that it names, by key. */
  readonly storages: ReadonlyMap<string, PickledStorage>;
}

class Unpickler {
  readonly #bytes: PickleBytes;
  readonly #machine: Machine;
  readonly #stack: StackValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, StackValue>();

  constructor(bytes: PickleBytes, machine: Machine) {
    this.#bytes = bytes;
    this.#machine = machine;
  }

  run(): PickledValue {
    const begin = this.#bytes.position;
    if (this.#byte() !== 0x80) throw this.#machine.fail(`it does not begin as protocol 2 to 5 does`);
    const protocol = this.#byte();
    if (protocol < 2 || protocol > 5) throw this.#machine.fail(`protocol ${protocol}; 2 to 5 are known`);
    for (;;) {
      const operation = this.#byte();
      if (operation === 0x2e) return this.#machine.value(this.#pop());
      this.#execute(operation);
      if (this.#bytes.position - begin > maxPickleBytes)
        throw this.#machine.fail(`it is longer than ${maxPickleBytes} bytes`);
    }
  }

  #execute(operation: number): void {
    const value = this.#pushed(operation);
    if (value === undefined) this.#change(operation);
    else this.#stack.push(value);
  }

  /** What an instruction puts on the stack; undefined for those that change what is there. */
  #pushed(operation: number): StackValue | undefined {
    const machine = this.#machine;
    switch (String.fromCharCode(operation)) {
      case 'N':
        return null;
      case '\x88':
        return true;
      case '\x89':
        return false;
      // Numbers.
      case 'K':
        return this.#byte();
      case 'M':
        return this.#bytes.take(2).readUInt16LE();
      case 'J':
        return this.#bytes.take(4).readInt32LE();
      case 'I':
        return this.#decimal();
      case 'G':
        return this.#bytes.take(8).readDoubleBE();
      case '\x8a':
        return this.#long(this.#byte());
      case '\x8b':
        return this.#long(this.#word());
      // Text and bytes; T and U are the text of Python 2.
      case '\x8c':
      case 'U':
        return this.#text(this.#byte());
      case 'X':
      case 'T':
        return this.#text(this.#word());
      case '\x8d':
        return this.#text(this.#size());
      case 'C':
        return this.#copy(this.#byte());
      case 'B':
        return this.#copy(this.#word());
      case '\x8e':
      case '\x96':
        return this.#copy(this.#size());
      // Containers.
      case ']':
      case ')':
        return machine.made([]);
      case '}':
        return machine.made(new Map());
      case '\x8f':
        return machine.made(new Set());
      case 't':
      case 'l':
        return machine.made(this.#aboveMark());
      case '\x85':
      case '\x86':
      case '\x87':
        return machine.made(this.#values(operation - 0x84));
      case '\x91':
        return machine.made(new Set(this.#aboveMark()));
      // What was there before.
      case '2':
        return this.#top();
      case 'h':
        return this.#recall(this.#byte());
      case 'j':
        return this.#recall(this.#word());
      // Names and what is made of them.
      case 'c': {
        const module = this.#bytes.line(longestName);
        return findAllowed(machine, module, this.#bytes.line(longestName));
      }
      case '\x93': {
        const [module, name] = this.#values(2);
        return findAllowed(machine, machine.text(module), machine.text(name));
      }
      case 'Q':
        return machine.made(storageOf(machine, this.#pop()));
      case 'R':
      case '\x81': {
        const args = machine.list(this.#pop());
        const callee = this.#pop();
        if (!(callee instanceof PickledFunction))
          throw machine.fail(`something is called that is no function`);
        return machine.made(callee.call(machine, args));
      }
    }
    return undefined;
  }

  #change(operation: number): void {
    switch (String.fromCharCode(operation)) {
      case '(':
        this.#marks.push(this.#stack.length);
        break;
      case 'a':
        this.#append(this.#values(1));
        break;
      case 'e':
        this.#append(this.#aboveMark());
        break;
      case 's':
        this.#setItems(this.#values(2));
        break;
      case 'u':
        this.#setItems(this.#aboveMark());
        break;
      case '\x90':
        this.#addItems(this.#aboveMark());
        break;
      case '0':
        this.#pop();
        break;
      case '1':
        this.#aboveMark();
        break;
      case 'q':
        this.#remember(this.#byte());
        break;
      case 'r':
        this.#remember(this.#word());
        break;
      case '\x94':
        this.#remember(this.#memo.size);
        break;
      case '\x95': // a frame's length, on which nothing depends
        this.#size();
        break;
      case 'b':
        this.#build(this.#pop(), this.#top());
        break;
      default:
        throw this.#machine.fail(`the instruction 0x${operation.toString(16)}, which PyTorch does not write`);
    }
  }

  #byte(): number {
    return this.#bytes.take(1)[0]!;
  }

  #word(): number {
    return this.#bytes.take(4).readUInt32LE();
  }

  /** A length of eight bytes. */
  #size(): number {
    return Number(this.#bytes.take(8).readBigUInt64LE());
  }

  #take(bytes: number): Buffer {
    if (bytes > maxPickleBytes) throw this.#machine.fail(`a value of ${bytes} bytes`);
    return this.#bytes.take(bytes);
  }

  #text(bytes: number): string {
    const taken = this.#take(bytes);
    const text = taken.toString('utf8');
    if (text.includes('\ufffd') && !taken.equals(Buffer.from(text)))
      throw this.#machine.fail(`a text that is not UTF-8`);
    return text;
  }

  #copy(bytes: number): Uint8Array {
    return this.#machine.made(Uint8Array.from(this.#take(bytes)));
  }

  /** Little-endian, in two's complement. */
  #long(bytes: number): number | bigint {
    if (bytes > 1024) throw this.#machine.fail(`a number of ${bytes} bytes`);
    if (bytes === 0) return 0;
    const digits = Buffer.from(this.#bytes.take(bytes)).reverse().toString('hex');
    return this.#machine.whole(BigInt.asIntN(8 * bytes, BigInt(`0x${digits}`)));
  }

  /** A number in decimal, as Python 2 wrote those beyond 32 bits. */
  #decimal(): number | bigint | boolean {
    const line = this.#bytes.line(100);
    if (line === '00' || line === '01') return line === '01';
    if (!/^-?\d{1,99}$/.test(line)) throw this.#machine.fail(`${JSON.stringify(line)} as a number`);
    return this.#machine.whole(BigInt(line));
  }

  #pop(): StackValue {
    const lowest = this.#marks.at(-1) ?? 0;
    if (this.#stack.length <= lowest) throw this.#machine.fail(`the stack is empty`);
    return this.#stack.pop()!;
  }

  #top(): StackValue {
    const value = this.#pop();
    this.#stack.push(value);
    return value;
  }

  /** The uppermost values, the deepest first. */
  #values(count: number): PickledValue[] {
    const values = new Array<PickledValue>(count);
    // Names of functions and storages may be arguments; whoever takes them looks.
    for (let i = count - 1; i >= 0; i--) values[i] = this.#pop() as PickledValue;
    return values;
  }

  #aboveMark(): PickledValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.#machine.fail(`a mark is missing`);
    return this.#stack.splice(mark) as PickledValue[];
  }

  #append(values: readonly PickledValue[]): void {
    const target = this.#machine.list(this.#top());
    for (const value of values) target.push(this.#machine.value(value));
  }

  #setItems(values: readonly PickledValue[]): void {
    const target = this.#top();
    if (!(target instanceof Map) || values.length % 2)
      throw this.#machine.fail(`items are set where no dictionary is`);
    for (let i = 0; i < values.length; i += 2) this.#machine.setItem(target, values[i]!, values[i + 1]!);
  }

  #addItems(values: readonly PickledValue[]): void {
    const target = this.#top();
    if (!(target instanceof Set)) throw this.#machine.fail(`entries are added where no set is`);
    for (const value of values) target.add(this.#machine.value(value));
  }

  #remember(index: number): void {
    if (this.#memo.size >= mostRemembered)
      throw this.#machine.fail(`more than ${mostRemembered} remembered values`);
    this.#memo.set(index, this.#top());
  }

  #recall(index: number): StackValue {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.#machine.fail(`value ${index} is not remembered`);
    return value;
  }

  /** The state of an object: fields of a record, the order of a NumPy type's bytes; attributes of a dictionary are dropped. */
  #build(state: StackValue, target: StackValue): void {
    if (target instanceof PickledRecord && state instanceof Map) {
      this.#machine.spend(state.size);
      for (const [name, value] of state) target.fields.set(name, value);
    } else if (target instanceof NumpyDtype && Array.isArray(state)) {
      if (state[1] === '<' || state[1] === '>' || state[1] === '|') target.order = state[1];
      else throw this.#machine.fail(`a NumPy type without an order of bytes`);
    } else if (!(target instanceof Map && state instanceof Map)) {
      throw this.#machine.fail(`a state is set where no object takes one`);
    }
  }
}
