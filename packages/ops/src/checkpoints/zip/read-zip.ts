import type { OpenFile } from '../open-file.js';

/** A member of a zip archive. */
export interface ZipEntry {
  readonly name: string;
  /** Where its bytes, compressed or not, lie in the file. */
  readonly begin: number;
  readonly end: number;
  readonly isDeflated: boolean;
  /** When inflated. */
  readonly bytes: number;
  readonly crc32: number;
}

const endBytes = 22;
const longestComment = 0xffff;
const maxDirectoryBytes = 25_000_000;
/** What DEFLATE can do at best: 258 bytes from two bits. */
const bestRatio = 1032;

/**
 * The members of a zip archive by name, zip64 too. Only the directory at the archive's end and the members' own headers are
 * read (the libraries of npm that do so are asynchronous, the others read the whole file).
 *
 * Stricter than an unpacker: names are unique, members are stored or deflated, do not overlap, and claim no size that DEFLATE
 * could not reach.
 */
export function readZip(file: OpenFile): Map<string, ZipEntry> {
  const { directory, count } = findDirectory(file);
  const entries: (ZipEntry & { header: number })[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const { entry, next } = readDirectoryEntry(file, directory.bytes, at);
    entries.push(entry);
    at = next;
  }
  if (at !== directory.bytes.length)
    throw file.fail(null, `the zip directory has bytes after its last member`);
  const byPlace = [...entries].sort((a, b) => a.header - b.header);
  byPlace.forEach(({ name, end }, index) => {
    const limit = byPlace[index + 1]?.header ?? directory.begin;
    if (end > limit)
      throw file.fail(name, `its bytes in the zip archive end at ${end}, but the next begin at ${limit}`);
  });
  const byName = new Map<string, ZipEntry>();
  for (const { header, ...entry } of entries) {
    if (byName.has(entry.name)) throw file.fail(entry.name, `the zip archive has this name twice`);
    byName.set(entry.name, entry);
  }
  return byName;
}

function findDirectory(file: OpenFile): { directory: { begin: number; bytes: Buffer }; count: number } {
  const tailBytes = Math.min(file.size, endBytes + longestComment);
  const tailBegin = file.size - tailBytes;
  const tail = file.read(tailBegin, tailBytes);
  let at = tailBytes - endBytes;
  while (
    at >= 0 &&
    !(tail.readUInt32LE(at) === 0x06054b50 && at + endBytes + tail.readUInt16LE(at + 20) === tailBytes)
  )
    at--;
  if (at < 0) {
    throw file.fail(null, `has no zip directory at its end; it was not written or copied completely`);
  }
  const disks = tail.readUInt32LE(at + 4);
  let count = tail.readUInt16LE(at + 10);
  let bytes = tail.readUInt32LE(at + 12);
  let begin = tail.readUInt32LE(at + 16);
  let end = tailBegin + at;
  const locator = end - 20;
  if (locator >= 0 && file.read(locator, 4).readUInt32LE() === 0x07064b50) {
    end = toNumber(file.read(locator + 8, 8).readBigUInt64LE());
    if (end > locator - 56) throw file.fail(null, `the zip64 record lies outside of the file`);
    const record = file.read(end, 56);
    if (record.readUInt32LE() !== 0x06064b50) throw file.fail(null, `the zip64 record is damaged`);
    count = toNumber(record.readBigUInt64LE(32));
    bytes = toNumber(record.readBigUInt64LE(40));
    begin = toNumber(record.readBigUInt64LE(48));
  } else if (disks !== 0)
    throw file.fail(null, `is one part of a zip archive that was split; join the parts`);
  if (bytes > maxDirectoryBytes) {
    throw file.fail(
      null,
      `claims a zip directory of ${bytes} bytes, more than the ${maxDirectoryBytes} allowed`,
    );
  }
  if (begin + bytes !== end) {
    throw file.fail(
      null,
      `its zip directory should end at ${end}, but claims bytes ${begin} to ${begin + bytes}`,
    );
  }
  return { directory: { begin, bytes: file.read(begin, bytes) }, count };
}

const directoryEntryBytes = 46;

function readDirectoryEntry(
  file: OpenFile,
  directory: Buffer,
  at: number,
): { entry: ZipEntry & { header: number }; next: number } {
  if (at + directoryEntryBytes > directory.length || directory.readUInt32LE(at) !== 0x02014b50) {
    throw file.fail(null, `the zip directory is damaged at its byte ${at}`);
  }
  const nameBytes = directory.readUInt16LE(at + 28);
  const extraBytes = directory.readUInt16LE(at + 30);
  const extraBegin = at + directoryEntryBytes + nameBytes;
  const next = extraBegin + extraBytes + directory.readUInt16LE(at + 32);
  if (next > directory.length) throw file.fail(null, `the zip directory is damaged at its byte ${at}`);
  const name = directory.toString('utf8', at + directoryEntryBytes, extraBegin);
  const method = directory.readUInt16LE(at + 10);
  if (directory.readUInt16LE(at + 8) & 1) throw file.fail(name, `is encrypted`);
  if (method !== 0 && method !== 8)
    throw file.fail(name, `is compressed by method ${method}; only deflate is known`);
  // Sizes that do not fit in 32 bits stand in the zip64 field, one after another.
  const wide = zip64Numbers(directory.subarray(extraBegin, extraBegin + extraBytes));
  const size = (offset: number): number => {
    const value = directory.readUInt32LE(at + offset);
    if (value !== 0xffffffff) return value;
    const found = wide.shift();
    if (found === undefined) throw file.fail(name, `its size in the zip directory is missing`);
    return found;
  };
  const bytes = size(24);
  const packed = size(20);
  const header = size(42);
  if (method === 0 ? bytes !== packed : bytes > packed * bestRatio) {
    throw file.fail(name, `claims ${bytes} bytes from ${packed} in the zip archive`);
  }
  const begin = afterLocalHeader(file, name, nameBytes, header);
  const entry = { name, header, begin, end: begin + packed, isDeflated: method === 8, bytes };
  return { entry: { ...entry, crc32: directory.readUInt32LE(at + 16) }, next };
}

function afterLocalHeader(file: OpenFile, name: string, nameBytes: number, at: number): number {
  const local = file.read(at, 30);
  if (local.readUInt32LE() !== 0x04034b50 || local.readUInt16LE(26) !== nameBytes)
    throw file.fail(name, `has no member header at byte ${at} of the zip archive`);
  return at + 30 + nameBytes + local.readUInt16LE(28);
}

function zip64Numbers(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length; ) {
    const bytes = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === 1) {
      const field = extra.subarray(at + 4, at + 4 + bytes);
      return Array.from({ length: Math.floor(field.length / 8) }, (_, i) =>
        toNumber(field.readBigUInt64LE(8 * i)),
      );
    }
    at += 4 + bytes;
  }
  return [];
}

/** Beyond the whole numbers of JavaScript everything is as impossible. */
function toNumber(value: bigint): number {
  return Math.min(Number(value), Number.MAX_SAFE_INTEGER);
}
