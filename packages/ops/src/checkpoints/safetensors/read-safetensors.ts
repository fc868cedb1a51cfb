import { safetensorsError } from '../checkpoint-error.js';
import { OpenFile } from '../open-file.js';
import { TensorFile } from '../tensor-file.js';
import { parseHeader } from './parse-header.js';

/** A larger header is refused: that of a checkpoint with a hundred thousand tensors takes about 15 MB. */
const maxHeaderBytes = 25_000_000;

/** An open-and-shut safetensors file: only its header is in memory. Use `readSafetensors`. */
export class SafetensorsFile extends TensorFile {}

/**
 * Reads and checks the header of a safetensors file. What does not hold (a truncated file, offsets that overlap or lie
 * outside, sizes that differ from type and shape, broken JSON) is an `OcelliError` that names the file and the tensor.
 * The file may hold no more than 25 MB of header.
 */
export function readSafetensors(path: string): SafetensorsFile {
  return OpenFile.use(path, safetensorsError, readHeader);
}

function readHeader(file: OpenFile): SafetensorsFile {
  if (file.size < 8) {
    throw file.fail(
      null,
      `has only ${file.size} bytes; a safetensors file begins with 8 for its header's size`,
    );
  }
  const headerBytes = Number(file.read(0, 8).readBigUInt64LE());
  if (headerBytes > maxHeaderBytes) {
    throw file.fail(
      null,
      `claims a header of ${headerBytes} bytes, more than the ${maxHeaderBytes} allowed; this is not a safetensors file`,
    );
  }
  if (headerBytes > file.size - 8) {
    throw file.fail(
      null,
      `claims a header of ${headerBytes} bytes, but has only ${file.size}; it was not written or copied completely`,
    );
  }
  const header = file.read(8, headerBytes);
  const { tensors, metadata } = parseHeader(file.path, header, 8 + headerBytes, file.size);
  return new SafetensorsFile(file, tensors, metadata);
}
