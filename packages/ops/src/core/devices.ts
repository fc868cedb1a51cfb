import { cpus } from 'node:os';
import type { DeviceName } from './open-device.js';
import { probeCuda } from './probe-cuda.js';

/** A device of this machine, or why there is none. */
export interface DeviceFacts {
  /** What `device.use` takes. */
  readonly name: DeviceName;
  readonly kind: 'cpu' | 'cuda';
  /** As its maker calls it; null where there is none. */
  readonly model: string | null;
  /** What drives it, as `CUDA 13.0`; null of the processor, and where no driver answered. */
  readonly driver: string | null;
  /** Why it cannot be used; null if it can. */
  readonly reason: string | null;
}

/**
 * The processor, and NVIDIA's GPUs or one row that says why there are none: the package with their kernels is missing, or
 * the driver, or it is too old, or there is no device, or one that this version has no kernels for.
 *
 * The first call asks another process, which takes a second or two where there is a GPU; its answer is kept.
 */
export function devices(): DeviceFacts[] {
  const cpu: DeviceFacts = {
    name: 'cpu',
    kind: 'cpu',
    model: cpus()[0]?.model.trim() || 'unknown',
    driver: null,
    reason: null,
  };
  const probed = probeCuda();
  const driver = probed.driver || null;
  if (probed.devices.length === 0) {
    return [cpu, { name: 'cuda', kind: 'cuda', model: null, driver, reason: probed.reason }];
  }
  const gpus = probed.devices.map(
    ({ model, reason }, index): DeviceFacts => ({
      name: index === 0 ? 'cuda' : `cuda:${index}`,
      kind: 'cuda',
      model,
      driver,
      reason: reason || null,
    }),
  );
  return [cpu, ...gpus];
}
