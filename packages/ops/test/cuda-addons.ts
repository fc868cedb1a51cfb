import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';

const built = (path: string) => fileURLToPath(new URL(`../../../native/${path}`, import.meta.url));

/** CUDA's kernels on the executor. */
export const emulatedAddon = built('build-emulated/Release/ocelli-cuda-emulated.node');
/** CUDA's kernels for GPUs. */
export const cudaAddon = built('build-cuda/Release/ocelli-cuda.node');

/** Skips a test that needs an addon which has not been built. */
export function needs(addon: string, context: TestContext): void {
  const option = addon === cudaAddon ? '--cuda' : '--emulated';
  if (!existsSync(addon)) context.skip(`needs "node native/build.mjs ${option}" to be run first`);
}
