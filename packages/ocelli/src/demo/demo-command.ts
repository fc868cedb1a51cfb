import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { splits as allSplits, type Split } from '@ocelli/emoji-scenes';
import { type DeviceName, OcelliError } from '@ocelli/ops';
import { terminalReporter } from '../cli/terminal-reporter.js';
import { nearest } from '../config/nearest.js';
import { renderReport } from '../report/index.js';
import { writeJson, writeText } from '../write-json.js';
import { demoReport } from './demo-report.js';
import { exampleLines, floorLines, resultTable } from './demo-text.js';
import { runDemo } from './run-demo.js';
import { changeSettings, defaultMethods, defaultSettings } from './settings.js';

/** The command line of `ocelli demo`, parsed. */
export interface DemoCommandOptions {
  readonly seeds: readonly number[];
  readonly steps?: number | undefined;
  /** Default: the five of the issue. */
  readonly methods?: readonly string[] | undefined;
  readonly splits: readonly string[];
  /** `key=value`. */
  readonly changes: readonly string[];
  readonly floors: boolean;
  readonly output: string;
  readonly encoder: string;
  readonly languageModel: string;
  readonly device?: DeviceName | undefined;
  readonly signal: AbortSignal;
}

/** Runs the demo, prints what it found and writes `report.html`, `result.json` and the adapters. Returns the exit code. */
export async function demo(options: DemoCommandOptions): Promise<number> {
  if (options.changes.includes('help')) {
    process.stdout.write(`${JSON.stringify(defaultSettings, null, 2)}\n`);
    return 0;
  }
  const begin = performance.now();
  const output = resolve(options.output);
  if (existsSync(output) && !statSync(output).isDirectory()) {
    throw new OcelliError('demo', `the output ${output} is a file; choose a folder with --output`);
  }
  const steps =
    options.steps === undefined
      ? []
      : [`steps=${options.steps}`, `warmUp=${Math.min(defaultSettings.warmUp, options.steps)}`];
  const settings = changeSettings(defaultSettings, [...steps, ...options.changes]);
  const outcome = await runDemo({
    settings,
    methods: options.methods ?? defaultMethods,
    splits: options.splits.map(checkSplit),
    seeds: options.seeds,
    output,
    featureCache: join(output, 'features'),
    floors: options.floors,
    encoder: options.encoder,
    languageModel: options.languageModel,
    device: options.device,
    reporter: terminalReporter,
    signal: options.signal,
  });
  const { result } = outcome;
  result.environment.seconds.total = (performance.now() - begin) / 1000;
  await writeText(join(output, 'report.html'), renderReport(await demoReport(outcome)));
  await writeJson(join(output, 'result.json'), result);
  for (const split of Object.keys(result.splits)) process.stdout.write(`\n${resultTable(result, split)}\n`);
  if (options.floors) process.stdout.write(`\n${floorLines(result)}\n`);
  process.stdout.write(`\n${await exampleLines(outcome)}\n`);
  process.stdout.write(
    `\nReport: ${join(output, 'report.html')}\nNumbers: ${join(output, 'result.json')}\n` +
      `Try an adapter: ocelli caption PICTURE --adapter ${join(output, 'adapters', Object.keys(outcome.curves)[0]!)}\n`,
  );
  return 0;
}

function checkSplit(name: string): Split {
  if (name !== 'train' && allSplits.includes(name as Split)) return name as Split;
  const known = allSplits.filter((split) => split !== 'train');
  const guess = nearest(name, known);
  throw new OcelliError(
    'demo',
    `there is no held-out split "${name}"; ${guess ? `did you mean "${guess}"? There are` : 'there are'} ${known.join(', ')}`,
  );
}
