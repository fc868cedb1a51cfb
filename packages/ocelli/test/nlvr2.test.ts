import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readConfig } from '../src/config/read-config.js';
import { dryRunConfig } from '../src/dry-run/dry-run.js';
import { silentReporter } from '../src/progress/progress-reporter.js';
import { encodePng } from '../src/report/index.js';
import { makeTinyBackbones } from './tiny-backbones.js';

const root = mkdtempSync(join(tmpdir(), 'ocelli-nlvr2-'));
afterAll(() => rmSync(root, { recursive: true }));

test('statements about two pictures are trained on, and scored with their consistency', async () => {
  const { encoder, languageModel } = await makeTinyBackbones(root);
  const lines: object[] = [];
  for (const pair of [0, 1]) {
    for (const side of [0, 1]) {
      const [width, height] = [20 + 8 * side, 20 + 4 * pair];
      const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * (7 + pair + side)) % 256);
      const path = join(root, `dev-1-${pair}-img${side}.png`);
      writeFileSync(path, encodePng({ data, width, height, channels: 3 }));
    }
    lines.push({
      identifier: `dev-1-${pair}-0`,
      sentence: 'There are two dogs.',
      label: pair === 0 ? 'True' : 'False',
    });
  }
  writeFileSync(join(root, 'dev.json'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const path = join(root, 'nlvr2.yaml');
  writeFileSync(
    path,
    [
      `encoder: ${encoder}`,
      `languageModel: ${languageModel}`,
      'adapter: { method: epalm, features: 1, startLayer: 1, endLayer: 3 }',
      'data: { train: { format: nlvr2, annotations: dev.json, images: . } }',
      'training: { steps: 2, batchSize: 2 }',
      'output: out',
    ].join('\n'),
  );
  for (const settings of [undefined, 'inputs.severalPictures=mean']) {
    const report = await dryRunConfig(readConfig(path, settings), { reporter: silentReporter });
    expect(report.losses).toHaveLength(2);
    expect(report.evaluation.metrics.map(({ name, count }) => [name, count])).toEqual([
      ['NLVR accuracy', 2],
      ['NLVR consistency', 1],
    ]);
  }
}, 120_000);
