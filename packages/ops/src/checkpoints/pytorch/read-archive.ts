import type { OpenFile } from '../open-file.js';
import { readZip } from '../zip/read-zip.js';
import { PickleBytes } from './pickle-bytes.js';
import type { SavedTree, StoragePlace } from './read-pytorch.js';
import { unpickle } from './unpickle.js';

const pickleName = '/data.pkl';

/** The zip archive of PyTorch 1.6 and later: `NAME/data.pkl` and a member `NAME/data/KEY` for every storage, none compressed. */
export function readArchive(file: OpenFile): SavedTree {
  const members = readZip(file);
  const pickles = [...members.values()].filter(({ name }) => name.endsWith(pickleName));
  const [pickle] = pickles;
  if (!pickle || pickles.length > 1) {
    throw file.fail(
      null,
      `is a zip archive with ${pickles.length} members data.pkl instead of one; torch.save wrote no such file`,
    );
  }
  const root = pickle.name.slice(0, -pickleName.length);
  const order = members.get(`${root}/byteorder`);
  if (order && file.read(order.begin, Math.min(order.end - order.begin, 16)).toString() !== 'little') {
    throw file.fail(null, `was written by a big-endian machine; save it again on one that is little-endian`);
  }
  if (pickle.isDeflated)
    throw file.fail(pickle.name, `is compressed, which torch.save never does; unpack and save it again`);
  const { value, storages } = unpickle(new PickleBytes(file, pickle.begin, pickle.end));
  const places = new Map<string, StoragePlace>();
  for (const { key, bytes } of storages.values()) {
    const member = members.get(`${root}/data/${key}`);
    if (!member)
      throw file.fail(null, `has no member data/${key.slice(0, 80)}, where a tensor's numbers should be`);
    if (member.isDeflated || member.bytes < bytes) {
      const fact = member.isDeflated ? 'is compressed' : `has ${member.bytes} bytes instead of ${bytes}`;
      throw file.fail(null, `its member data/${key.slice(0, 80)} ${fact}`);
    }
    places.set(key, { begin: member.begin, bytes });
  }
  return { value, storages: places };
}
