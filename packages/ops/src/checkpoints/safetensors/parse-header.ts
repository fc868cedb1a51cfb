import { formatShape } from '../../core/shape.js';
import { safetensorsError } from '../checkpoint-error.js';
import { type StoredTensor, type StoredType, storedBytes } from '../stored-type.js';
import { findRepeatedKey } from './find-repeated-key.js';

/** Element types by their names in the header. */
const typeNames: ReadonlyMap<string, StoredType> = new Map<string, StoredType>([
  ['F64', 'float64'],
  ['F32', 'float32'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['F8_E4M3', 'float8_e4m3'],
  ['F8_E5M2', 'float8_e5m2'],
  ['F8_E8M0', 'float8_e8m0'],
  ['C64', 'complex64'],
  ['I64', 'int64'],
  ['I32', 'int32'],
  ['I16', 'int16'],
  ['I8', 'int8'],
  ['U64', 'uint64'],
  ['U32', 'uint32'],
  ['U16', 'uint16'],
  ['U8', 'uint8'],
  ['BOOL', 'bool'],
]);

/** What a file's header says, checked. */
export interface SafetensorsHeader {
  /** In the order of their bytes. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a header and checks everything that it claims: known types, extents that are whole numbers, as many bytes as
 * type and shape take, and tensors that fill the rest of the file without gap or overlap.
 *
 * @param path for messages.
 * @param header the JSON, padding included.
 * @param dataBegin where the tensors begin in the file.
 * @param fileBytes size of the file.
 */
export function parseHeader(
  path: string,
  header: Uint8Array,
  dataBegin: number,
  fileBytes: number,
): SafetensorsHeader {
  const root = parseJson(path, header);
  let metadata: Record<string, string> = {};
  const entries: [string, StoredTensor][] = [];
  for (const [name, value] of Object.entries(root)) {
    if (name === '__metadata__') metadata = checkMetadata(path, value);
    else entries.push([name, checkTensor(path, name, value, dataBegin)]);
  }
  entries.sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let position = dataBegin;
  for (const [name, { begin, end }] of entries) {
    if (begin !== position) {
      throw safetensorsError(
        path,
        name,
        `its bytes begin at ${begin - dataBegin} of the data, but the tensor before it ends at ` +
          `${position - dataBegin}; the header is damaged`,
      );
    }
    if (end > fileBytes) {
      throw safetensorsError(
        path,
        name,
        `its bytes end at ${end}, but the file has only ${fileBytes}; it was not written or copied completely`,
      );
    }
    position = end;
  }
  if (position !== fileBytes) {
    throw safetensorsError(path, null, `${fileBytes - position} bytes after the last tensor belong to none`);
  }
  return { tensors: new Map(entries), metadata };
}

type JsonObject = Record<string, unknown>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(path: string, header: Uint8Array): JsonObject {
  if (header[0] !== 0x7b) {
    throw safetensorsError(path, null, `the header does not begin with "{"; this is not a safetensors file`);
  }
  let root: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(header);
    root = JSON.parse(text);
  } catch (error) {
    throw safetensorsError(path, null, `the header is not valid JSON (${(error as Error).message})`, error);
  }
  const repeated = findRepeatedKey(text);
  if (repeated !== null) throw safetensorsError(path, repeated, `the header has this key twice`);
  return root as JsonObject; // it begins with a brace
}

function checkMetadata(path: string, value: unknown): Record<string, string> {
  if (!isObject(value) || Object.values(value).some((entry) => typeof entry !== 'string')) {
    throw safetensorsError(path, null, `__metadata__ must map names to strings`);
  }
  return value as Record<string, string>;
}

function checkTensor(path: string, name: string, value: unknown, dataBegin: number): StoredTensor {
  if (!isObject(value)) throw safetensorsError(path, name, `its entry in the header is not an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  const stored = typeof dtype === 'string' ? typeNames.get(dtype) : undefined;
  if (!stored) {
    const known = [...typeNames.keys()].join(', ');
    throw safetensorsError(path, name, `dtype ${brief(dtype)} is not one of ${known}`);
  }
  if (!isList(shape))
    throw safetensorsError(path, name, `shape ${brief(shape)} is not a list of whole numbers >= 0`);
  if (!isList(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    throw safetensorsError(
      path,
      name,
      `data_offsets ${brief(offsets)} are not two ascending whole numbers >= 0`,
    );
  }
  const [begin, end] = offsets as [number, number];
  const wanted = shape.reduce((product, extent) => product * extent, storedBytes[stored]);
  if (wanted !== end - begin) {
    throw safetensorsError(
      path,
      name,
      `${stored} ${formatShape(shape.slice(0, 8))} takes ${wanted} bytes, ` +
        `but data_offsets [${begin}, ${end}] hold ${end - begin}`,
    );
  }
  return { dtype: stored, shape, begin: dataBegin + begin, end: dataBegin + end };
}

/** Whole numbers >= 0 that JavaScript holds exactly. */
function isList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry) && entry >= 0);
}

/** A value of the header for a message; it may be huge or deep. */
function brief(value: unknown): string {
  if (Array.isArray(value)) {
    const entries = value.slice(0, 8).map((entry) => (typeof entry === 'object' ? '...' : brief(entry)));
    return `[${entries.join(', ')}${value.length > 8 ? ', ...' : ''}]`;
  }
  if (isObject(value)) return '{...}';
  return value === undefined ? '(missing)' : JSON.stringify(value).slice(0, 80);
}
