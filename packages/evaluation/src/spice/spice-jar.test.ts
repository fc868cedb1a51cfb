import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sample } from '../../test/corpora.js';
import { installStandIns } from '../../test/stand-ins/index.js';
import { spiceFromJar } from './spice-jar.js';

const { java, spiceJar: jar, folder } = installStandIns();

describe('spiceFromJar', () => {
  it('reads the scores of the jar in the order of the samples', async () => {
    const samples = [sample('a red bus', 'a red car'), sample('a b', 'c'), sample('', 'a')];
    expect(await spiceFromJar(samples, { jar, java })).toEqual({
      name: 'SPICE',
      spice: (2 / 3 + 0 + 0) / 3, // an F-score that the jar leaves open counts as 0
      perSample: [2 / 3, 0, 0],
      perCategory: { Color: 1 },
    });
  });

  it('hands the cache on', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'ocelli-spice-cache-'));
    await spiceFromJar([sample('a', 'a')], { jar, java, cache });
    expect(existsSync(join(cache, 'used'))).toBe(true);
  });

  it('says what went wrong', async () => {
    await expect(spiceFromJar([sample('a', 'a')], { jar: join(folder, 'no.jar'), java })).rejects.toThrow(
      'no.jar does not exist; pass the path',
    );
    await expect(spiceFromJar([sample('crash', 'a')], { jar, java })).rejects.toThrow('no parser models');
    await expect(spiceFromJar([sample('less', 'a'), sample('b', 'b')], { jar, java })).rejects.toThrow(
      'the jar wrote nothing about sample 1; pass spice-1.0.jar',
    );
    await expect(spiceFromJar([], { jar, java })).rejects.toThrow('got 0 samples;');
  });
});
