import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OcelliConfig, readConfig } from '../src/config/read-config.js';
import { dryRunConfig } from '../src/dry-run/dry-run.js';
import { silentReporter } from '../src/progress/progress-reporter.js';
import { epalmReadme } from './epalm-readme.js';
import { hasFfmpeg } from './media-files.js';
import { makeCoco, makeGqa, makeRecordings, makeVideos, makeVqa } from './miniature-data.js';

const folder = fileURLToPath(new URL('../../../configs/epalm', import.meta.url));
const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const root = mkdtempSync(join(tmpdir(), 'ocelli-epalm-'));
const withData = (name: string): OcelliConfig => readConfig(join(folder, name), `data.root=${root}`);

beforeAll(() => {
  makeVqa(root);
  makeGqa(root);
  makeCoco(root);
  makeRecordings(root);
  if (hasFfmpeg) makeVideos(root);
});
afterAll(() => rmSync(root, { recursive: true }));

test('there is a configuration for every row of the paper', () => {
  expect(names).toHaveLength(14);
});

test('the table is what the files say', async () => {
  const page = epalmReadme(names.map((name) => [name, withData(name)]));
  await expect(page).toMatchFileSnapshot(join(folder, 'README.md'));
});

/** Parameters as the paper's authors count them (0.90 % and 0.06 % of all), and what follows for pt-L on 768 features. */
const trained = {
  'facebook/opt-2.7b': 24_949_760,
  'facebook/opt-6.7b pictures': 4_239_360,
  // One projection of 768 features in place of 1,024.
  'facebook/opt-6.7b': 4_239_360 - (1024 - 768) * 4096,
};

describe.each(names)('%s', (name) => {
  const config = withData(name);
  const isVideo = JSON.stringify(config.data).includes('/videos/');
  test.skipIf(isVideo && !hasFfmpeg)(
    'runs on a miniature copy of its data',
    async () => {
      const messages: string[] = [];
      const report = await dryRunConfig(config, {
        reporter: silentReporter,
        onMessage: (message) => void messages.push(message),
      });
      expect(report.data.map(({ place }) => place)).toEqual(['data.train', 'data.validation', 'data.test']);
      expect(report.missing).toEqual([config.encoder, config.languageModel]);
      expect(report.losses).toHaveLength(2);
      for (const loss of report.losses) expect(Number.isFinite(loss)).toBe(true);
      const key = config.encoder.includes('vit_large')
        ? `${config.languageModel} pictures`
        : config.languageModel;
      expect(report.trainableParameters).toBe(trained[key as keyof typeof trained]);
      const { captions, answers } = report.evaluation;
      expect(captions === null).toBe(config.data.use === 'questions');
      expect(answers === null).toBe(config.data.use === 'captions');
    },
    120_000,
  );
});
