import type { OpenFile } from '../open-file.js';
import { storedBytes } from '../stored-type.js';
import { PickleBytes } from './pickle-bytes.js';
import type { SavedTree, StoragePlace } from './read-pytorch.js';
import { unpickle } from './unpickle.js';

const magic = 0x1950a86a20f9469cfc6cn;
const protocolVersion = 1001;

/**
 * The form before PyTorch 1.6: pickles of a magic number, a version, facts about the system, the saved object, and the keys of
 * its storages; then for each key the number of elements (int64) and the elements.
 */
export function readSequence(file: OpenFile): SavedTree {
  const bytes = new PickleBytes(file, 0, file.size);
  if (file.size < 2 || file.read(0, 2).readUInt16LE() !== 0x0280 || unpickle(bytes).value !== magic)
    throw file.fail(
      null,
      `is not a file of torch.save: neither a zip archive nor PyTorch's magic number stands first`,
    );
  const version = unpickle(bytes).value;
  if (version !== protocolVersion)
    throw file.fail(null, `has another version than ${protocolVersion} of PyTorch's old format`);
  const system = unpickle(bytes).value;
  if (!(system instanceof Map) || system.get('little_endian') !== true)
    throw file.fail(null, `was written by a big-endian machine; save it again on one that is little-endian`);
  const { value, storages } = unpickle(bytes);
  const keys = unpickle(bytes).value;
  if (!Array.isArray(keys) || keys.length !== storages.size)
    throw file.fail(null, `does not list the storages that its tensors use`);
  const places = new Map<string, StoragePlace>();
  let begin = bytes.position;
  for (const key of keys) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (!storage || places.has(storage.key))
      throw file.fail(null, `lists a storage that no tensor uses, or one twice`);
    const count = Number(file.read(begin, 8).readBigInt64LE());
    if (
      count * (storage.dtype ? storedBytes[storage.dtype] : 1) !== storage.bytes ||
      begin + 8 + storage.bytes > file.size
    ) {
      throw file.fail(
        null,
        `has not the ${storage.bytes} bytes of storage ${storage.key.slice(0, 80)} at ${begin}; it was not written or copied completely`,
      );
    }
    places.set(storage.key, { begin: begin + 8, bytes: storage.bytes });
    begin += 8 + storage.bytes;
  }
  return { value, storages: places };
}
