// A few kills of each command; npm run kills does fifty, and as many more as it is told.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { killCommands } from './kills/kills.js';

test('encode, train and eval lose and repeat nothing when they are killed', async () => {
  const reports = await killCommands({
    root: mkdtempSync(join(tmpdir(), 'ocelli-kills-')),
    kills: { encode: 1, train: 2, eval: 1 },
    seed: 1,
    same: (actual, expected) => expect(actual).toEqual(expected),
  });
  expect(reports.map(({ kills }) => kills)).toEqual([1, 2, 1]);
}, 600_000);
