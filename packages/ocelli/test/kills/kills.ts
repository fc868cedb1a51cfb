// ocelli encode, train and eval, killed at random moments and called again: nothing that was kept is lost, nothing that was
// kept is done again, and what is left is what a run leaves that nobody killed.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '@ocelli/ops';
import { makeTinyBackbones } from '../tiny-backbones.js';
import { type KillReport, killAtRandom, type Scenario } from './scenario.js';
import { shardRecords } from './shard-records.js';

/** How often, and where. */
export interface KillOptions {
  /** In an empty folder. */
  readonly root: string;
  /** Of each command. */
  readonly kills: Readonly<Record<'encode' | 'train' | 'eval', number>>;
  readonly seed: number;
  /** Of the command as it was built, not of its sources. Default: false. */
  readonly built?: boolean;
  readonly same: (actual: unknown, expected: unknown) => void;
  readonly onReport?: (report: KillReport) => void;
}

/** @throws what was lost, repeated or different. */
export async function killCommands({
  root,
  kills,
  seed,
  built = false,
  same,
  onReport,
}: KillOptions): Promise<KillReport[]> {
  const { encoder, languageModel } = await makeTinyBackbones(root);
  /** Writes a configuration whose features, checkpoints and adapter are in the folder itself. */
  const config = (folder: string, size: number, training: string): string => {
    mkdirSync(folder, { recursive: true });
    const lines = [
      `encoder: ${encoder}`,
      `languageModel: ${languageModel}`,
      'adapter: { method: limber }',
      `data: { train: { emojiScenes: { split: train, size: ${size} } }, validation: { emojiScenes: { split: validation, size: 60 } } }`,
      `training: { batchSize: 4, learningRate: 1e-2, ${training} }`,
      'output: .',
    ];
    const path = join(folder, 'config.yaml');
    writeFileSync(path, lines.join('\n'));
    return path;
  };
  const scenarios = {
    encode: encoding((folder) => config(folder, 400, 'augmentation: { versions: 2 }')),
    train: training((folder) => config(folder, 250, 'steps: 200, checkpointEvery: 10, validateEvery: 40')),
    // Of the adapter that nobody killed.
    eval: evaluation(join(root, 'train-undisturbed')),
  };
  const reports: KillReport[] = [];
  for (const [name, scenario] of Object.entries(scenarios)) {
    const random = new Random(seed);
    const report = await killAtRandom(scenario, kills[name as keyof typeof kills], {
      root,
      random,
      built,
      same,
    });
    onReport?.(report);
    reports.push(report);
  }
  return reports;
}

/** Features are computed once, each with the bytes of an undisturbed run. */
function encoding(config: (folder: string) => string): Scenario {
  return {
    name: 'encode',
    words: (folder) => ['encode', config(folder)],
    kept: (folder) => shardRecords(join(folder, 'features')),
    // The last of the lines `features of data.train: 28 % (224/800)`; the validation set's come behind all of those.
    said: (stderr) => {
      const [, place, done] = [...stderr.matchAll(/features of data\.(\w+): .*\((\d+)\//g)].at(-1) ?? [];
      return Number(done ?? 0) + (place === 'validation' ? 800 : 0);
    },
    left: (folder) => [...shardRecords(join(folder, 'features'))].sort(([a], [b]) => (a < b ? -1 : 1)),
  };
}

/** Features, and checkpoints by their steps: the last one of a run is the first thing that the next must have. */
function training(config: (folder: string) => string): Scenario {
  const lines = (folder: string) =>
    readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => ({ ...(JSON.parse(line) as object), seconds: null }));
  return {
    name: 'train',
    words: (folder) => ['train', config(folder), '--resume'],
    kept: (folder) => new Map([...shardRecords(join(folder, 'features')), ...stepsReached(folder)]),
    left: (folder) => [
      readFileSync(join(folder, 'adapter/adapter_model.safetensors')),
      readFileSync(join(folder, 'adapter/adapter_config.json')),
      lines(folder),
    ],
  };
}

/** `step 10`, `step 20`, ... up to that of the last checkpoint, of which the folder keeps two. */
function stepsReached(folder: string): Map<string, Buffer> {
  let names: string[] = [];
  try {
    names = readdirSync(join(folder, 'checkpoints')).filter((name) => name.startsWith('step-'));
  } catch {
    // not begun
  }
  const last = Math.max(0, ...names.map((name) => Number(name.slice(5))));
  return new Map(Array.from({ length: last / 10 }, (_, i) => [`step ${10 * (i + 1)}`, Buffer.alloc(0)]));
}

/** Each answer stands in the file once, and the scores are those of an undisturbed run. */
function evaluation(trained: string): Scenario {
  return {
    name: 'eval',
    words: (folder) => [
      'eval',
      ...['--adapter', trained, '--data', join(trained, 'config.yaml'), '--split', 'train'],
      ...['--max-new-tokens', '6', '--texts', join(folder, 'texts.jsonl')],
      ...['--json', join(folder, 'scores.json'), '--features', join(folder, 'features')],
    ],
    kept: (folder) =>
      new Map([...shardRecords(join(folder, 'features')), ...answersOf(join(folder, 'texts.jsonl'))]),
    left: (folder) => [
      JSON.parse(readFileSync(join(folder, 'scores.json'), 'utf8')),
      [...answersOf(join(folder, 'texts.jsonl'))],
    ],
  };
}

/** Lines of an answers file by their ids, without its first line and without one that was cut off. */
function answersOf(path: string): Map<string, Buffer> {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    // not begun
  }
  const answers = new Map<string, Buffer>();
  for (const line of text.split('\n').slice(1, -1)) {
    const { id } = JSON.parse(line) as { id: string };
    if (answers.has(id)) throw new Error(`${id} is answered twice`);
    answers.set(id, Buffer.from(line));
  }
  return answers;
}
