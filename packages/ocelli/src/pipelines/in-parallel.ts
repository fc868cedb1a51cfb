import { availableParallelism } from 'node:os';

/**
 * Maps items in order, as many at once as the machine has processors: each may be a program that decodes a video. After a
 * failure no further item begins.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  map: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const queue = items.entries(); // shared: each worker takes the next
  const work = async (): Promise<void> => {
    for (;;) {
      const { value, done } = queue.next();
      if (done) return;
      const [index, item] = value;
      try {
        results[index] = await map(item, index);
      } catch (error) {
        while (!queue.next().done);
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: availableParallelism() }, work));
  for (const each of ended) if (each.status === 'rejected') throw each.reason;
  return results;
}
