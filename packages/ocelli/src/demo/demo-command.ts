import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type DeviceName, OcelliError } from '@ocelli/ops';
import { terminalReporter } from '../cli/terminal-reporter.js';
import { nearest } from '../config/nearest.js';
import { renderReport } from '../report/index.js';
import { writeJson, writeText } from '../write-json.js';
import { demoReport } from './demo-report.js';
import { exampleLines, floorLines, resultTable } from './demo-text.js';
import { modalities } from './modalities/index.js';
import type { DemoModality } from './modality.js';
import { runDemo } from './run-demo.js';
import { changeSettings, defaultMethods, defaultSettings } from './settings.js';

/** The command line of `ocelli demo`, parsed. */
export interface DemoCommandOptions {
  /** `image`, `video`, `audio` or `all`. */
  readonly modality: string;
  readonly seeds: readonly number[];
  readonly steps?: number | undefined;
  /** Default: five. */
  readonly methods?: readonly string[] | undefined;
  /** Default: the modality's first two. */
  readonly splits?: readonly string[] | undefined;
  /** `key=value`. */
  readonly changes: readonly string[];
  readonly floors: boolean;
  /** A folder; that of video and sound has `-video` or `-audio` behind it, unless it is given for them alone. */
  readonly output?: string | undefined;
  /** Default: the embedded one of the modality. */
  readonly encoder?: string | undefined;
  readonly languageModel: string;
  readonly device?: DeviceName | undefined;
  readonly signal: AbortSignal;
}

const defaultOutput = 'out/demo';

/**
 * Runs the demo of one modality or of all, prints what it found and writes `report.html`, `result.json` and the
 * adapters of each. Returns the exit code.
 */
export async function demo(options: DemoCommandOptions): Promise<number> {
  if (options.changes.includes('help')) {
    process.stdout.write(`${JSON.stringify(defaultSettings, null, 2)}\n`);
    return 0;
  }
  const chosen = checkModality(options.modality);
  if (chosen.length > 1 && options.encoder !== undefined) {
    throw new OcelliError('demo', '--encoder is for one modality; give --modality image, video or audio too');
  }
  const parts = chosen.map((modality) => {
    const suffix = modality.name === 'image' ? '' : `-${modality.name}`;
    const alone = chosen.length === 1 && options.output !== undefined;
    const output = resolve(`${options.output ?? defaultOutput}${alone ? '' : suffix}`);
    if (existsSync(output) && !statSync(output).isDirectory()) {
      throw new OcelliError('demo', `the output ${output} is a file; choose a folder with --output`);
    }
    const splits = options.splits ?? modality.heldOutSplits.slice(0, 2);
    return { modality, output, splits: splits.map((name) => checkSplit(modality, name)) };
  });
  for (const part of parts) await demoOf(part, options);
  return 0;
}

interface Part {
  readonly modality: DemoModality;
  readonly output: string;
  readonly splits: readonly string[];
}

async function demoOf({ modality, output, splits }: Part, options: DemoCommandOptions): Promise<void> {
  const begin = performance.now();
  const steps =
    options.steps === undefined
      ? []
      : [`steps=${options.steps}`, `warmUp=${Math.min(defaultSettings.warmUp, options.steps)}`];
  const settings = changeSettings(defaultSettings, [...modality.settings, ...steps, ...options.changes]);
  const outcome = await runDemo({
    modality,
    settings,
    methods: options.methods ?? defaultMethods,
    splits,
    seeds: options.seeds,
    output,
    featureCache: join(output, 'features'),
    floors: options.floors,
    ...(options.encoder === undefined ? {} : { encoder: options.encoder }),
    languageModel: options.languageModel,
    device: options.device,
    reporter: terminalReporter,
    signal: options.signal,
  });
  const { result } = outcome;
  result.environment.seconds.total = (performance.now() - begin) / 1000;
  await writeText(join(output, 'report.html'), renderReport(await demoReport(outcome, modality.words)));
  await writeJson(join(output, 'result.json'), result);
  for (const split of Object.keys(result.splits)) process.stdout.write(`\n${resultTable(result, split)}\n`);
  if (options.floors) process.stdout.write(`\n${floorLines(result)}\n`);
  process.stdout.write(`\n${await exampleLines(outcome, modality.words)}\n`);
  process.stdout.write(
    `\nReport: ${join(output, 'report.html')}\nNumbers: ${join(output, 'result.json')}\n` +
      `Try an adapter: ocelli caption ${modality.words.sample.toUpperCase()} --adapter ${join(output, 'adapters', Object.keys(outcome.curves)[0]!)}\n`,
  );
}

function checkModality(name: string): readonly DemoModality[] {
  if (name === 'all') return Object.values(modalities);
  const found = Object.values(modalities).find((modality) => modality.name === name);
  if (found) return [found];
  const known = [...Object.keys(modalities), 'all'];
  const guess = nearest(name, known);
  throw new OcelliError(
    'demo',
    `there is no modality "${name}"; ${guess ? `did you mean "${guess}"? There are` : 'there are'} ${known.join(', ')}`,
  );
}

function checkSplit({ name: modality, heldOutSplits }: DemoModality, name: string): string {
  if (heldOutSplits.includes(name)) return name;
  const guess = nearest(name, heldOutSplits);
  throw new OcelliError(
    'demo',
    `there is no held-out split "${name}" of the ${modality} demo; ${guess ? `did you mean "${guess}"? There are` : 'there are'} ${heldOutSplits.join(', ')}`,
  );
}
