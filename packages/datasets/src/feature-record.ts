import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { fromBfloat16, toBfloat16 } from './bfloat16.js';

/** How values are kept on disk. */
export type FeatureType = 'float32' | 'bfloat16';

/** Their numbers in a header. */
const types: readonly FeatureType[] = ['float32', 'bfloat16'];

/**
 * One record of a shard, little-endian:
 *
 *     0   magic "OFC1"
 *     4   SHA-256 of the key, 32 bytes
 *     36  number of dimensions (1 to 8), 16-bit
 *     38  type of the values, 16-bit: 0 float32, 1 bfloat16
 *     40  eight dimensions, 32-bit each, unused ones 0
 *     72  CRC-32 of the values
 *     76  CRC-32 of bytes 0 to 75
 *     80  the values
 */
export const headerLength = 80;
const magic = 0x3143464f;

/** What a record's header says. */
export interface RecordHeader {
  /** SHA-256 of the key, hexadecimal. */
  readonly digest: string;
  readonly type: FeatureType;
  readonly shape: readonly number[];
  /** Bytes of values that follow. */
  readonly byteLength: number;
  /** CRC-32 of the values. */
  readonly checksum: number;
}

/** SHA-256 of a key, hexadecimal; the same key names other features where they are kept in another type. */
export function digestOf(key: string, type: FeatureType): string {
  return createHash('sha256')
    .update(type === 'float32' ? key : `${type} ${key}`)
    .digest('hex');
}

/** Header and values, ready to be appended. */
export function encodeRecord(
  digest: string,
  values: Float32Array,
  shape: readonly number[],
  type: FeatureType,
): Buffer {
  const kept = type === 'float32' ? values : toBfloat16(values);
  const record = Buffer.alloc(headerLength + kept.byteLength);
  record.writeUInt32LE(magic, 0);
  record.write(digest, 4, 'hex');
  record.writeUInt16LE(shape.length, 36);
  record.writeUInt16LE(types.indexOf(type), 38);
  for (const [index, size] of shape.entries()) record.writeUInt32LE(size, 40 + 4 * index);
  record.set(new Uint8Array(kept.buffer, kept.byteOffset, kept.byteLength), headerLength);
  record.writeUInt32LE(crc32(record.subarray(headerLength)), 72);
  record.writeUInt32LE(crc32(record.subarray(0, 76)), 76);
  return record;
}

/** The header that starts at `at`, or undefined where there is none that is whole. */
export function decodeHeader(bytes: Buffer, at: number): RecordHeader | undefined {
  if (bytes.length < at + headerLength) return undefined;
  const header = bytes.subarray(at, at + headerLength);
  if (header.readUInt32LE(0) !== magic || header.readUInt32LE(76) !== crc32(header.subarray(0, 76)))
    return undefined;
  const type = types[header.readUInt16LE(38)];
  if (type === undefined) return undefined;
  const shape = Array.from({ length: header.readUInt16LE(36) }, (_, index) =>
    header.readUInt32LE(40 + 4 * index),
  );
  return {
    digest: header.toString('hex', 4, 36),
    type,
    shape,
    byteLength: (type === 'float32' ? 4 : 2) * shape.reduce((product, size) => product * size, 1),
    checksum: header.readUInt32LE(72),
  };
}

/** The values of a record's bytes, in an array of their own. */
export function decodeValues(bytes: Uint8Array, type: FeatureType): Float32Array {
  const { buffer } = new Uint8Array(bytes); // a copy, so that it is aligned
  return type === 'float32' ? new Float32Array(buffer) : fromBfloat16(new Uint16Array(buffer));
}
