// ocelli encode in processes of its own: what a person sees, and what is left on disk.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FeatureCache } from '@ocelli/datasets';
import { beforeAll, expect, test } from 'vitest';
import { shardRecords } from './kills/shard-records.js';
import { makeOwnPictures } from './own-pictures.js';
import { runCli } from './run-cli.js';
import { makeTinyBackbones, type TinyBackbones } from './tiny-backbones.js';

const patience = 300_000;
const root = mkdtempSync(join(tmpdir(), 'ocelli-encode-cli-'));
const samples = 1200;
let backbones: TinyBackbones;

beforeAll(async () => {
  backbones = await makeTinyBackbones(root);
  makeOwnPictures(join(root, 'pictures'));
  const lines = [
    `encoder: ${backbones.encoder}`,
    `languageModel: ${backbones.languageModel}`,
    'adapter: { method: epalm, startLayer: 1, endLayer: 3, features: 1 }',
    `data: { train: { emojiScenes: { split: train, size: ${samples} } } }`,
    'output: out',
  ];
  writeFileSync(join(root, 'config.yaml'), lines.join('\n'));
}, patience);

interface Summary {
  readonly hits: number;
  readonly computed: number;
  readonly bytes: number;
}

test(
  'Ctrl-C keeps what is done, and two at once go on there without harm',
  async () => {
    let sent = false;
    const stopped = await runCli(['encode', 'config.yaml'], {
      cwd: root,
      onOutput: (text, kill) => {
        if (sent || !/: [2-9]\d %/.test(text)) return;
        sent = true;
        kill('SIGINT');
      },
    });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain(
      'stopped; features so far are kept, the same command goes on from there',
    );
    const directory = join(root, 'out/features');
    const done = shardRecords(directory).size;
    expect(done).toBeGreaterThanOrEqual(samples / 5);
    expect(done).toBeLessThan(samples);

    const words = ['encode', 'config.yaml', '--json'];
    const both = await Promise.all([runCli(words, { cwd: root }), runCli(words, { cwd: root })]);
    for (const run of both) {
      expect(run.code).toBe(0);
      const { hits, computed } = JSON.parse(run.stdout) as Summary;
      expect(hits + computed).toBe(samples);
      expect(hits).toBeGreaterThanOrEqual(done);
      expect(run.stderr).toMatch(/features of data\.train: 100 % .*cache hits \d+ %/);
    }
    await using cache = await FeatureCache.open(directory);
    expect(cache.size).toBe(samples);

    const again = await runCli(['encode', 'config.yaml'], { cwd: root });
    expect(again.stdout).toContain(`data.train: 1,200 samples, 1,200 were there, 0 computed\n${directory}: `);
  },
  patience,
);

test(
  'data and encoder may be named without a configuration; wrong words are said',
  async () => {
    const words = ['--data', 'pictures', '--encoder', backbones.encoder, '--features', 'own'];
    const [own, none, both, yaml, gone] = await Promise.all([
      runCli(['encode', ...words, '--tokens', 'all', '--json'], { cwd: root }),
      runCli(['encode', ...words.slice(0, 4)], { cwd: root }),
      runCli(['encode', 'config.yaml', ...words], { cwd: root }),
      runCli(['encode', ...words.with(1, 'config.yaml')], { cwd: root }),
      runCli(['encode', ...words.with(1, 'nowhere')], { cwd: root }),
    ]);
    expect(own.code).toBe(0);
    expect(JSON.parse(own.stdout)).toMatchObject({
      directory: join(root, 'own'),
      ...{ samples: 4, hits: 0, computed: 4, broken: 0, unkept: 0 },
      bytes: 4 * (80 + 4 * 5 * 16),
      sets: [{ place: 'data', samples: 4, versions: 1 }],
    });
    expect(none.stderr).toContain('--features is missing; give a configuration, or --data, --encoder and');
    expect(both.stderr).toContain('--data stands in config.yaml itself; leave one of them out');
    expect(yaml.stderr).toContain('config.yaml is a configuration; write ocelli encode config.yaml');
    expect(gone.stderr).toContain('[data] there is no ');
    for (const run of [none, both, yaml, gone]) {
      expect(run).toMatchObject({ code: 1, stdout: '' });
      expect(run.stderr).toMatch(/^ocelli: .+\n$/);
    }
  },
  patience,
);

test(
  'what a bound leaves no room for is said',
  async () => {
    const path = join(root, 'bounded.yaml');
    writeFileSync(
      path,
      [
        `encoder: ${backbones.encoder}`,
        `languageModel: ${backbones.languageModel}`,
        'adapter: { method: limber }',
        'data: { train: { emojiScenes: { split: train, size: 200 } } }',
        'output: bounded',
        'featureCache: { maxSize: 0.01 MB }',
      ].join('\n'),
    );
    const run = await runCli(['encode', path]);
    expect(run.code).toBe(0);
    const [, computed, unkept] = /(\d+) computed, (\d+) not kept/.exec(run.stdout)!;
    expect(run.stderr).toContain(`note: ${unkept} features had no room and are computed again when needed`);
    expect(shardRecords(join(root, 'bounded/features')).size).toBe(Number(computed) - Number(unkept));
  },
  patience,
);
