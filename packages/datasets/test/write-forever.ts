// Writes features until it is killed: the other process of src/feature-cache.test.ts.
import { FeatureCache } from '../src/feature-cache.js';

const cache = await FeatureCache.open(process.argv[2]!);
for (let number = 0; ; number++) {
  await cache.put(`child ${number}`, new Float32Array(1000).fill(number), [10, 100]);
  if (number === 20) process.stdout.write('ready\n');
}
