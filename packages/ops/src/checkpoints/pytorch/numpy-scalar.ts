import type { Machine, StackValue } from './machine.js';
import { PickledName } from './pickled-value.js';

/** A NumPy dtype in the making: BUILD brings the byte order. */
export class NumpyDtype extends PickledName {
  /** `<` or `>`; `|` for single bytes. */
  order = '|';
  constructor(readonly code: string) {
    super(`numpy.${code}`);
  }
}

const readers: Readonly<
  Record<string, { bytes: number; read: (view: DataView, little: boolean) => number | bigint | boolean }>
> = {
  f8: { bytes: 8, read: (view, little) => view.getFloat64(0, little) },
  f4: { bytes: 4, read: (view, little) => view.getFloat32(0, little) },
  i8: { bytes: 8, read: (view, little) => view.getBigInt64(0, little) },
  i4: { bytes: 4, read: (view, little) => view.getInt32(0, little) },
  i2: { bytes: 2, read: (view, little) => view.getInt16(0, little) },
  i1: { bytes: 1, read: (view) => view.getInt8(0) },
  u8: { bytes: 8, read: (view, little) => view.getBigUint64(0, little) },
  u4: { bytes: 4, read: (view, little) => view.getUint32(0, little) },
  u2: { bytes: 2, read: (view, little) => view.getUint16(0, little) },
  u1: { bytes: 1, read: (view) => view.getUint8(0) },
  b1: { bytes: 1, read: (view) => view.getUint8(0) !== 0 },
};

/** `numpy.dtype('f8', False, True)`. */
export function numpyDtype(machine: Machine, [code]: readonly StackValue[]): NumpyDtype {
  const name = machine.text(code);
  if (!Object.hasOwn(readers, name))
    throw machine.fail(
      `a NumPy type ${JSON.stringify(name.slice(0, 80))}; only ${Object.keys(readers).join(', ')} are read`,
    );
  return new NumpyDtype(name);
}

/** `numpy.core.multiarray.scalar(dtype, bytes)` as a number. */
export function numpyScalar(
  machine: Machine,
  [dtype, bytes]: readonly StackValue[],
): number | bigint | boolean {
  if (!(dtype instanceof NumpyDtype) || !(bytes instanceof Uint8Array))
    throw machine.fail(`a broken NumPy scalar`);
  const reader = readers[dtype.code]!;
  if (bytes.length !== reader.bytes)
    throw machine.fail(`a NumPy ${dtype.code} of ${bytes.length} bytes instead of ${reader.bytes}`);
  const value = reader.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), dtype.order !== '>');
  return typeof value === 'bigint' ? machine.whole(value) : value;
}
