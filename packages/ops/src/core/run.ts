import { OcelliError } from './errors.js';
import type { MemoryHandle } from './native.js';
import { currentDevice, type OpenDevice } from './open-device.js';
import type { Tensor } from './tensor.js';

/**
 * Appends a kernel call to the queue of the device in use, where all its tensors must lie. Tensors that are absent are null;
 * the order is in the kernel's comment.
 */
export function run(name: string, tensors: readonly (Tensor | null)[], scalars: readonly number[]): void {
  const device = currentDevice();
  const kernel = device.kernels.get(name);
  if (!kernel) {
    throw new OcelliError(
      name,
      device.name === 'cpu'
        ? `internal: the addon has no kernel of this name; rebuild it with "npm run setup"`
        : `the device ${device.name} has no kernel for this; use the device cpu for it`,
    );
  }
  if (tensors.length !== kernel.tensors || scalars.length !== kernel.scalars) {
    throw new OcelliError(
      name,
      `internal: kernel takes ${kernel.tensors} tensors and ${kernel.scalars} scalars, ` +
        `got ${tensors.length} and ${scalars.length}`,
    );
  }
  const handles: (MemoryHandle | null)[] = [];
  const offsets: number[] = [];
  for (const tensor of tensors) {
    handles.push(tensor ? handleOn(device, name, tensor) : null);
    offsets.push(tensor ? tensor.byteOffset : 0);
  }
  device.native.run(kernel.index, handles, offsets, scalars);
}

function handleOn(device: OpenDevice, name: string, tensor: Tensor): MemoryHandle {
  const storage = tensor.storage(name);
  if (storage.device !== device) {
    throw new OcelliError(
      name,
      `${tensor} lies on ${storage.device.name}, and the device in use is ${device.name}; ` +
        `bring it there with to(), or choose the other with device.use()`,
    );
  }
  storage.noteUse();
  return storage.handle;
}
