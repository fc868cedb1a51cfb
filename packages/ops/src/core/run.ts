import { OcelliError } from './errors.js';
import { findKernel, type MemoryHandle, native } from './native.js';
import type { Tensor } from './tensor.js';

/** Appends a kernel call to the queue. Tensors that are absent are null; the order is in the kernel's comment. */
export function run(name: string, tensors: readonly (Tensor | null)[], scalars: readonly number[]): void {
  const kernel = findKernel(name);
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
    handles.push(tensor ? tensor.storage(name).handle : null);
    offsets.push(tensor ? tensor.byteOffset : 0);
  }
  native.run(kernel.index, handles, offsets, scalars);
}
