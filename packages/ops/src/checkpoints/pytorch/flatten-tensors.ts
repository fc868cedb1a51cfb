import { shorten } from '../checkpoint-error.js';
import type { OpenFile } from '../open-file.js';
import { PickledFunction } from './machine.js';
import { PickledRecord, PickledStorage, PickledTensor, type PickledValue } from './pickled-value.js';

const deepest = 64;
/** Values that are shared in a pickle count wherever they stand, so a small one can have very many. */
const mostValues = 8_000_000;
const longestName = 4096;

/**
 * The tensors of a tree by name: keys and positions from the root, joined by dots, as in `optimizer.state.0.exp_avg`. A tree that
 * is one tensor gives it the empty name.
 */
export function flattenTensors(file: OpenFile, root: PickledValue): Map<string, PickledTensor> {
  const found = new Map<string, PickledTensor>();
  let values = 0;
  const walk = (value: PickledValue, name: string | null, depth: number): void => {
    if (++values > mostValues) throw file.fail(null, `its pickle has more than ${mostValues} values`);
    if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return;
    if (value instanceof PickledTensor) {
      if (name === null) throw file.fail(null, `has a tensor under a key that is neither text nor number`);
      if (name.length > longestName) throw file.fail(name, `its name has ${name.length} characters`);
      if (found.has(name)) throw file.fail(name, `two tensors have this name`);
      found.set(name, value);
      return;
    }
    if (depth === deepest)
      throw file.fail(null, `its pickle has containers in one another, more than ${deepest} or without end`);
    const child = (key: PickledValue, part: PickledValue): void => {
      const isName = ['string', 'number', 'bigint', 'boolean'].includes(typeof key);
      walk(
        part,
        isName && name !== null ? (depth === 0 ? String(key) : `${name}.${String(key)}`) : null,
        depth + 1,
      );
    };
    if (Array.isArray(value)) for (let i = 0; i < value.length; i++) child(i, value[i]!);
    else if (value instanceof Map) for (const [key, part] of value) child(key, part);
    else if (value instanceof PickledRecord) for (const [key, part] of value.fields) child(key, part);
    else if (value instanceof Set) for (const part of value) child(null, part);
    else if ((value as object) instanceof PickledFunction || (value as object) instanceof PickledStorage)
      throw file.fail(null, `its pickle has something as a value that is none`);
  };
  walk(root, '', 0);
  return found;
}

/** For messages: what a key leads to. */
export function describeKeys(value: PickledValue): string {
  const keys =
    value instanceof Map ? [...value.keys()] : value instanceof PickledRecord ? [...value.fields.keys()] : [];
  if (keys.length === 0) return 'there are no keys there';
  return `the keys there are ${keys
    .slice(0, 12)
    .map((key) => shorten(String(key)))
    .join(', ')}${keys.length > 12 ? ', ...' : ''}`;
}
