// Looks features up in a cache, puts those that are missing and tells which it put: another process of the tests. Arguments:
// the folder, a seed, how many look-ups, how many keys there are, and the bound in bytes. Ends with 3 at a wrong value.
import { FeatureCache } from '../src/feature-cache.js';
import { randomFrom } from '../src/random.js';
import { features, shapeOf } from './feature-numbers.js';

const [directory, seed, lookups, keys, maxBytes] = process.argv.slice(2) as string[];
const random = randomFrom(seed!);
const cache = await FeatureCache.open(directory!, maxBytes ? { maxBytes: Number(maxBytes) } : {});
for (let turn = 0; turn < Number(lookups); turn++) {
  if (turn % 20 === 0) await cache.refresh();
  const numbers = Array.from({ length: 4 }, () => Math.floor(random() * Number(keys)));
  const found = await cache.getMany(numbers.map((number) => `key ${number}`));
  await Promise.all(
    numbers.map(async (number, place) => {
      const entry = found[place];
      if (entry === undefined) {
        if (await cache.put(`key ${number}`, features(number), shapeOf(number)))
          process.stdout.write(`${number}\n`);
      } else if (
        entry.data.join() !== features(number).join() ||
        entry.shape.join() !== shapeOf(number).join()
      ) {
        process.exit(3);
      }
    }),
  );
}
await cache.close();
