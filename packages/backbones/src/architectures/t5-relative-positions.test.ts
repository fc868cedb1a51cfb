import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type RelativeBuckets, relativeBucket } from './t5-relative-positions.js';

const { distances, cases } = JSON.parse(
  readFileSync(new URL('../../test/relative-buckets.json', import.meta.url), 'utf8'),
) as { distances: number[]; cases: (RelativeBuckets & { expected: number[] })[] };

describe('relativeBucket', () => {
  it.each(cases)(
    'is transformers’ for $buckets buckets up to $maxDistance (bidirectional: $bidirectional)',
    (testCase) => {
      expect(distances.map((distance) => relativeBucket(distance, testCase))).toEqual(testCase.expected);
    },
  );
});
