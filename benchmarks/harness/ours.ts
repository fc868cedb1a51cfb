import { device, scope, type Tensor } from '@ocelli/ops';
import type { Contender } from './case.js';

/**
 * Ocelli as a contender: `enqueue` does the work once, in a scope; the time ends when the queue is empty.
 *
 * @param held tensors (or packed weights) that are disposed in the end.
 */
export function ours(
  name: string,
  enqueue: () => void,
  held: readonly (Pick<Tensor, 'dispose'> | null)[],
): Contender {
  return {
    name,
    async run(repeats) {
      const start = performance.now();
      for (let i = 0; i < repeats; i++) scope(enqueue);
      await device.synchronize();
      return (performance.now() - start) / 1000;
    },
    async release() {
      for (const tensor of held) tensor?.dispose();
      await device.emptyCache();
    },
  };
}
