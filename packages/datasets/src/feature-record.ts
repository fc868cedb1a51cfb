import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * One record of a shard, little-endian:
 *
 *     0   magic "OFC1"
 *     4   SHA-256 of the key, 32 bytes
 *     36  number of dimensions (1 to 8), 32-bit
 *     40  eight dimensions, 32-bit each, unused ones 0
 *     72  CRC-32 of the values
 *     76  CRC-32 of bytes 0 to 75
 *     80  the values, float32
 */
export const headerLength = 80;
const magic = 0x3143464f;

/** What a record's header says. */
export interface RecordHeader {
  /** SHA-256 of the key, hexadecimal. */
  readonly digest: string;
  readonly shape: readonly number[];
  /** Bytes of values that follow. */
  readonly byteLength: number;
  /** CRC-32 of the values. */
  readonly checksum: number;
}

/** SHA-256 of a key, hexadecimal. */
export function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Header and values, ready to be appended. */
export function encodeRecord(digest: string, values: Float32Array, shape: readonly number[]): Buffer {
  const record = Buffer.alloc(headerLength + values.byteLength);
  record.writeUInt32LE(magic, 0);
  record.write(digest, 4, 'hex');
  record.writeUInt32LE(shape.length, 36);
  for (const [index, size] of shape.entries()) record.writeUInt32LE(size, 40 + 4 * index);
  record.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), headerLength);
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
  const shape = Array.from({ length: header.readUInt32LE(36) }, (_, index) =>
    header.readUInt32LE(40 + 4 * index),
  );
  return {
    digest: header.toString('hex', 4, 36),
    shape,
    byteLength: 4 * shape.reduce((product, size) => product * size, 1),
    checksum: header.readUInt32LE(72),
  };
}
