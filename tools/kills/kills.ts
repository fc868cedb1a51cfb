// Kills ocelli encode, train and eval as they were built at random moments: npm run kills -- [kills in all, 50] [seed, 1]
import { deepStrictEqual } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killCommands } from '../../packages/ocelli/test/kills/kills.js';

const [kills, seed] = [process.argv[2] ?? '50', process.argv[3] ?? '1'].map(Number) as [number, number];
// Fewer would leave a command out, and say that nothing was lost.
if (!Number.isInteger(kills) || kills < 3 || !Number.isInteger(seed)) {
  console.error('usage: npm run kills -- [kills in all, at least 3] [seed], both whole numbers');
  process.exit(2);
}
const begin = performance.now();
const share = Math.floor(kills / 3);
const root = mkdtempSync(join(tmpdir(), 'ocelli-kills-'));
const reports = await killCommands({
  root,
  kills: { encode: share, train: kills - 2 * share, eval: share },
  seed,
  built: true,
  same: deepStrictEqual,
  onReport: ({ name, kills, rounds, fruitful }) =>
    console.log(
      `${name}: ${kills} kills in ${rounds} rounds, ${fruitful} of them after something new was kept; nothing lost, nothing repeated`,
    ),
});
const all = reports.reduce((sum, report) => sum + report.kills, 0);
console.log(`${all} kills in ${((performance.now() - begin) / 1000).toFixed(0)} s`);
rmSync(root, { recursive: true }); // left where it is if something went wrong
