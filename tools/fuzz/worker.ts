// One process of tools/fuzz/fuzz.ts: runs cases and tells each result.
import { join } from 'node:path';
import { runCase, targets } from '../../packages/backbones/test/fuzz/targets.js';

/** What a case did. */
export interface Report {
  readonly index: number;
  readonly outcome: 'read' | 'refused';
  readonly milliseconds: number;
  readonly residentMegabytes: number;
  /** Where it was neither read nor refused by name. */
  readonly failure: string | null;
}

const [name, begin, end, folder] = process.argv.slice(2) as [string, string, string, string];
const target = targets.find((target) => target.name === name)!;
for (let index = Number(begin); index < Number(end); index++) {
  let report: Omit<Report, 'residentMegabytes'>;
  try {
    report = { index, failure: null, ...(await runCase(target, join(folder, name), index)) };
  } catch (error) {
    report = { index, failure: String((error as Error).stack), outcome: 'read', milliseconds: 0 };
  }
  const residentMegabytes = process.memoryUsage.rss() / 2 ** 20;
  await new Promise((sent) => process.send!({ ...report, residentMegabytes }, sent));
}
process.disconnect();
