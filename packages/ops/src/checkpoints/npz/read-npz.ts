import { constants, inflateRawSync } from 'node:zlib';
import { formatShape } from '../../core/shape.js';
import { npzError } from '../checkpoint-error.js';
import { OpenFile } from '../open-file.js';
import { type StoredTensor, storedBytes } from '../stored-type.js';
import { elementsOf, isRowMajor } from '../strides.js';
import { TensorFile } from '../tensor-file.js';
import { readZip, type ZipEntry } from '../zip/read-zip.js';
import { maxHeaderBytes, parseNpyHeader } from './parse-npy-header.js';

const suffix = '.npy';

/**
 * Opens NumPy's `.npz`, of `savez` or `savez_compressed`: the form of AugReg's original checkpoints. Names lack their `.npy`.
 * Arrays of objects (pickles) and of text are errors, and so is everything that the file claims and cannot have.
 */
export function readNpz(path: string): TensorFile {
  return OpenFile.use(path, npzError, (file) => {
    const tensors = new Map<string, StoredTensor>();
    for (const entry of readZip(file).values()) {
      if (!entry.name.endsWith(suffix)) continue;
      tensors.set(entry.name.slice(0, -suffix.length), readHeader(file, entry));
    }
    return new TensorFile(file, tensors);
  });
}

function readHeader(file: OpenFile, entry: ZipEntry): StoredTensor {
  let header: ReturnType<typeof parseNpyHeader>;
  try {
    header = parseNpyHeader(startOf(file, entry));
  } catch (error) {
    throw file.fail(entry.name, (error as Error).message, error);
  }
  const { dtype, shape, strides, bytes: skip } = header;
  const wanted = elementsOf(shape) * storedBytes[dtype];
  if (wanted !== entry.bytes - skip) {
    throw file.fail(
      entry.name,
      `${dtype} ${formatShape(shape)} takes ${wanted} bytes, but ${entry.bytes - skip} follow its header`,
    );
  }
  const place = entry.isDeflated
    ? { begin: entry.begin, end: entry.end, deflated: { bytes: entry.bytes, skip, crc32: entry.crc32 } }
    : { begin: entry.begin + skip, end: entry.end };
  return { dtype, shape, ...place, ...(strides && !isRowMajor(shape, strides) ? { strides } : {}) };
}

/** The first bytes of a member, enough for a header. */
function startOf(file: OpenFile, { begin, end, isDeflated }: ZipEntry): Buffer {
  if (!isDeflated) return file.read(begin, Math.min(end - begin, maxHeaderBytes));
  const inflate = (packed: number): Buffer => {
    const part = file.read(begin, Math.min(end - begin, packed));
    return inflateRawSync(part, { finishFlush: constants.Z_SYNC_FLUSH });
  };
  // The usual header of 128 bytes lies in these, which inflate to a megabyte at most.
  const start = inflate(1024);
  const isWhole = start.length >= 10 && start[6] === 1 && 10 + start.readUInt16LE(8) <= start.length;
  return isWhole ? start : inflate(2 * maxHeaderBytes);
}
