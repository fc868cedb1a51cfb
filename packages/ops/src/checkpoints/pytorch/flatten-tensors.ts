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
  const path: PickledValue[] = [];
  let values = 0;
  const add = (tensor: PickledTensor): void => {
    if (!path.every((key) => ['string', 'number', 'bigint', 'boolean'].includes(typeof key)))
      throw file.fail(null, `has a tensor under a key that is neither text nor number`);
    if (path.reduce<number>((sum, key) => sum + String(key).length + 1, 0) > longestName)
      throw file.fail(
        String(path[0]),
        `it holds a tensor whose name has more than ${longestName} characters`,
      );
    const name = path.join('.');
    if (found.has(name)) throw file.fail(name, `two tensors have this name`);
    found.set(name, tensor);
  };
  const enter = (key: PickledValue, part: PickledValue): void => {
    if (part === null || typeof part !== 'object' || part instanceof Uint8Array) return;
    path.push(key);
    walk(part);
    path.pop();
  };
  const walk = (value: PickledValue & object): void => {
    if (value instanceof PickledTensor) {
      add(value);
      return;
    }
    const parts = value instanceof PickledRecord ? value.fields : value;
    values +=
      1 +
      (Array.isArray(parts) ? parts.length : parts instanceof Map || parts instanceof Set ? parts.size : 0);
    if (values > mostValues) throw file.fail(null, `its pickle has more than ${mostValues} values`);
    if (path.length >= deepest)
      throw file.fail(null, `its pickle has containers in one another, more than ${deepest} or without end`);
    if (Array.isArray(parts)) for (let i = 0; i < parts.length; i++) enter(i, parts[i]!);
    else if (parts instanceof Map) for (const [key, part] of parts) enter(key, part);
    else if (parts instanceof Set) for (const part of parts) enter(null, part);
    else if ((parts as object) instanceof PickledFunction || (parts as object) instanceof PickledStorage)
      throw file.fail(null, `its pickle has something as a value that is none`);
  };
  if (typeof root === 'object' && root !== null) walk(root);
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
