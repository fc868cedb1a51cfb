import { crc32, deflateRawSync } from 'node:zlib';

/** A member of an archive to make, and what it lies about itself. */
export interface ZipMember {
  readonly name: string;
  readonly data: Buffer;
  /** 0 stored (default), 8 deflated. */
  readonly method?: number;
  readonly flags?: number;
  /** In place of what deflate makes of `data`. */
  readonly packed?: Buffer;
  /** In place of the truth, in the directory. */
  readonly claims?: { bytes?: number; packed?: number; header?: number; crc32?: number };
}

/** A zip archive, as wrong as it is told to be. */
export function zipBytes(members: readonly ZipMember[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, data, method = 0, flags = 0, packed, claims = {} } of members) {
    const stored = packed ?? (method === 8 ? deflateRawSync(data) : data);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(claims.crc32 ?? crc32(data), 10);
    common.writeUInt32LE(claims.packed ?? stored.length, 14);
    common.writeUInt32LE(claims.bytes ?? data.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(claims.header ?? at, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, tail, Buffer.from(name));
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), stored);
    at += 30 + Buffer.byteLength(name) + stored.length;
  }
  const directoryBytes = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directoryBytes.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, directoryBytes, end]);
}
