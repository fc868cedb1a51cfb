/** Numbers at which readers break: limits of types, sizes that no file has. */
const edges = [
  0,
  1,
  2,
  7,
  8,
  16,
  64,
  127,
  128,
  255,
  256,
  32767,
  65535,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 53,
  2 ** 63,
];

/** A stream of whole numbers that depends on the seed only (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  }

  /** From 0 to `below` - 1. */
  roll(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let x = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return Math.floor((((x ^ (x >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.roll(list.length)]!;
  }
}

type Change = (bytes: Buffer, dice: Dice, others: readonly Buffer[]) => Buffer;

const flip: Change = (bytes, dice) => {
  bytes[dice.roll(bytes.length)]! ^= 1 << dice.roll(8);
  return bytes;
};
const set: Change = (bytes, dice) => {
  bytes[dice.roll(bytes.length)] = dice.roll(256);
  return bytes;
};
const setPrintable: Change = (bytes, dice) => {
  bytes[dice.roll(bytes.length)] = dice.pick([...Buffer.from('0123456789[]{}",:-.(')]);
  return bytes;
};
const setNumber: Change = (bytes, dice) => {
  const number = Buffer.alloc(8);
  number.writeBigUInt64LE(BigInt(dice.pick(edges)));
  number.copy(bytes, dice.roll(bytes.length), 0, dice.pick([1, 2, 4, 8]));
  return bytes;
};
const cut: Change = (bytes, dice) => bytes.subarray(0, dice.roll(bytes.length));
const remove: Change = (bytes, dice) => {
  const at = dice.roll(bytes.length);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + dice.roll(32))]);
};
/** A piece of this file or of another, put somewhere. */
const splice: Change = (bytes, dice, others) => {
  const from = dice.roll(2) ? dice.pick(others) : bytes;
  const begin = dice.roll(from.length);
  const piece = from.subarray(begin, begin + 1 + dice.roll(200));
  const at = dice.roll(bytes.length);
  const behind = dice.roll(2) ? at : at + piece.length;
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(behind)]);
};
const repeat: Change = (bytes, dice) => {
  const at = dice.roll(bytes.length);
  const piece = bytes.subarray(at, at + 1 + dice.roll(8));
  const times = Array.from({ length: dice.pick([2, 100, 2000]) }, () => piece);
  return Buffer.concat([bytes.subarray(0, at), ...times, bytes.subarray(at)]);
};

const changes: readonly Change[] = [
  flip,
  flip,
  set,
  set,
  setPrintable,
  setNumber,
  setNumber,
  cut,
  remove,
  splice,
  repeat,
];

/** A damaged copy of a file: one to four changes of its bytes. */
export function mutateBytes(original: Buffer, others: readonly Buffer[], dice: Dice): Buffer {
  let bytes: Buffer = Buffer.from(original);
  for (let i = dice.roll(4); i >= 0 && bytes.length > 0; i--) bytes = dice.pick(changes)(bytes, dice, others);
  return bytes;
}

/** Values at which readers of JSON break. Text, since some of it no value can hold. */
const strangeValues = [
  'null',
  'true',
  '-1',
  '0',
  '1e308',
  '4294967296',
  '""',
  '"a"',
  '"\\ud800"',
  '"(a+)+$"',
  '[]',
  '{}',
  '[null]',
  '[[1]]',
  '{"__proto__": {"polluted": 1}}',
  '{"type": "Sequence"}',
  `${'['.repeat(500)}${']'.repeat(500)}`,
  `"${'x'.repeat(5000)}"`,
];

/** A damaged copy of a JSON file: mostly valid JSON with other values, names or parts; sometimes any bytes. */
export function mutateJson(original: Buffer, others: readonly Buffer[], dice: Dice): Buffer {
  if (dice.roll(4) === 0) return mutateBytes(original, others, dice);
  const root: unknown = JSON.parse(original.toString());
  const marker = '\u0001strange';
  for (let i = dice.roll(3); i >= 0; i--) {
    const places: { parent: Record<string, unknown>; key: string }[] = [];
    const collect = (value: unknown, depth: number): void => {
      if (typeof value !== 'object' || value === null || depth > 12) return;
      const parent = value as Record<string, unknown>;
      // Long lists (vocabulary, merges) must not outweigh everything else.
      const keys = Object.keys(parent);
      for (const key of keys.length > 20 ? Array.from({ length: 5 }, () => dice.pick(keys)) : keys) {
        places.push({ parent, key });
        collect(parent[key], depth + 1);
      }
    };
    collect(root, 0);
    if (places.length === 0) break;
    const { parent, key } = dice.pick(places);
    const action = dice.roll(5);
    if (action === 0) delete parent[key];
    else if (action === 1) parent[key] = dice.pick(places).parent;
    else if (action === 2)
      Object.defineProperty(parent, dice.pick(['__proto__', 'type', 'constructor', '0', '']), {
        value: parent[key],
        enumerable: true,
        writable: true,
        configurable: true,
      });
    else parent[key] = `${marker}${dice.roll(strangeValues.length)}`;
  }
  try {
    const text = JSON.stringify(root);
    return Buffer.from(text.replace(/"\\u0001strange(\d+)"/g, (_, index) => strangeValues[Number(index)]!));
  } catch {
    return mutateBytes(original, others, dice); // a part was put into itself
  }
}
