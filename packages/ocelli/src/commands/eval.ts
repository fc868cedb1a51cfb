import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineCommand } from 'citty';
import { adapterOptions, modelChoice } from '../cli/adapter-options.js';
import { interruptible } from '../cli/interrupt.js';
import { numberOption } from '../cli/number-option.js';
import { UsageError } from '../cli/usage-error.js';

const definition = defineCommand({
  meta: { name: 'eval', description: 'Score an adapter: captions and answers against what people wrote.' },
  args: {
    ...adapterOptions,
    data: {
      type: 'string',
      required: true,
      valueHint: 'DATA',
      description:
        'A folder with captions.jsonl, a .jsonl, .parquet or .tar file, a configuration, or emoji-scenes:SPLIT (emoji-clips, emoji-voices)',
    },
    split: {
      type: 'enum',
      valueHint: 'SPLIT',
      options: ['train', 'validation', 'test'],
      description: 'Which data of a configuration file: train, validation or test',
      default: 'validation',
    },
    set: {
      type: 'string',
      valueHint: 'KEY=VALUE,...',
      description: 'Values as if they stood in the configuration file, e.g. data.root=/data',
    },
    limit: { type: 'string', valueHint: 'N', description: 'Only the first N pictures, videos or recordings' },
    beams: {
      type: 'string',
      valueHint: 'N',
      description: "Beams to search with; 1 is greedy (default: the configuration's, or 1)",
    },
    'max-new-tokens': {
      type: 'string',
      valueHint: 'N',
      description: "Longest text in tokens (default: the configuration's, or 30)",
    },
    decoding: {
      type: 'enum',
      valueHint: 'HOW',
      options: ['standard', 'reference'],
      description:
        "standard, or reference: as the released eP-ALM, where texts depend on their batch's and --max-new-tokens counts the prompt (default: the configuration's, or standard)",
    },
    metrics: {
      type: 'string',
      valueHint: 'NAME,...',
      description:
        'Which scores (default: those that the data set is published with); a wrong name lists all',
    },
    spice: {
      type: 'string',
      valueHint: 'FILE',
      description:
        'spice-1.0.jar with its lib folder beside it: also SPICE and SPIDEr of captions; needs Java',
    },
    'compare-dtypes': {
      type: 'boolean',
      description: 'Instead, the loss with the frozen weights in every type, beside that of float32',
    },
    features: {
      type: 'string',
      valueHint: 'DIR',
      description: 'Feature cache to use and to fill; that of --data if it is a configuration',
    },
    texts: {
      type: 'string',
      valueHint: 'FILE',
      description: 'Keep every text in this file at once; the same command goes on from there after a stop',
    },
    json: {
      type: 'string',
      valueHint: 'FILE',
      description: 'Also write scores and every text (or the losses) to this file',
    },
    report: {
      type: 'string',
      valueHint: 'FILE',
      description: 'Also write a page with scores, examples, the worst and the best to this .html file',
    },
    compare: {
      type: 'string',
      valueHint: 'FILE',
      description:
        'Compare with an earlier run on the same data: what its --json wrote; paired tests, score by score',
    },
    'report-samples': {
      type: 'string',
      valueHint: 'N',
      description: 'How many examples the page shows, and half as many of the worst and of the best (24)',
    },
  },
  async run({ args }) {
    const beams = numberOption('eval', 'beams', args.beams, { minimum: 1 });
    const maxNewTokens = numberOption('eval', 'max-new-tokens', args['max-new-tokens'], { minimum: 1 });
    const limit = numberOption('eval', 'limit', args.limit, { minimum: 1 });
    const { FeatureCache } = await import('@ocelli/datasets');
    const { openModel } = await import('../pipelines/open-model.js');
    const { dataFromArgument } = await import('../data/data-from-argument.js');
    const { openData } = await import('../data/open-data.js');
    const { readSamples } = await import('../data/read-samples.js');
    const { evaluateModel } = await import('../evaluate/evaluate-model.js');
    const { openAnswers } = await import('../evaluate/open-answers.js');
    const { scoreTable } = await import('../evaluate/score-table.js');
    const { printNote, terminalReporter } = await import('../cli/terminal-reporter.js');
    const { writeJson } = await import('../write-json.js');
    const { parseMetricNames } = await import('../evaluate/metrics/metric-names.js');
    const shown = numberOption('eval', 'report-samples', args['report-samples'], { minimum: 0 });
    if (shown !== undefined && args.report === undefined)
      throw new UsageError('eval', '--report-samples belongs to --report; give a file with --report');
    checkOutputs({ texts: args.texts, json: args.json, report: args.report });
    const named = dataFromArgument(args.data, args.split as 'train' | 'validation' | 'test', args.set);
    const { data, broken, evaluation: own } = named;
    const metrics = args.metrics === undefined ? own.metrics : parseMetricNames(args.metrics);
    if (args['compare-dtypes']) {
      if (args.dtype)
        throw new UsageError('eval', '--compare-dtypes tries every --dtype; leave one of them out');
      if (args.texts)
        throw new UsageError('eval', '--compare-dtypes writes no texts for --texts; leave one of them out');
      if (args.features)
        throw new UsageError('eval', '--compare-dtypes keeps no --features; leave one of them out');
      if (args.report)
        throw new UsageError('eval', '--compare-dtypes has no page for --report; leave one of them out');
      const { compareDtypes, dtypeTable } = await import('../evaluate/compare-dtypes.js');
      const losses = await interruptible('stopping', (signal) =>
        compareDtypes(
          modelChoice(args),
          (encoder) => openData(data, encoder).then((set) => readSamples(set, limit)),
          {
            signal,
            reporter: terminalReporter,
          },
        ),
      );
      process.stdout.write(`${dtypeTable(losses)}\n`);
      if (args.json) await writeJson(args.json, losses);
      return;
    }
    const { compareRuns, comparisonTable, readEarlier } = await import('../evaluate/compare-runs.js');
    const earlier = args.compare === undefined ? undefined : readEarlier(args.compare);
    const features = args.features
      ? { ...named.featureCache, directory: resolve(args.features) }
      : named.featureCache;
    await using cache = features ? await FeatureCache.open(features.directory, features) : undefined;
    using model = await openModel({ ...modelChoice(args), cache });
    const samples = await readSamples(await openData(data, model.backbones.encoder.config), limit);
    const generation = {
      beams: beams ?? own.beams ?? 1,
      maxNewTokens: maxNewTokens ?? own.maxNewTokens ?? 30,
      decoding: (args.decoding as 'standard' | 'reference' | undefined) ?? own.decoding ?? 'standard',
    };
    const settings = {
      adapter: args.adapter,
      data: nameOfData(args.data, args.split),
      generation: {
        ...generation,
        dtype: args.dtype ?? 'float32',
        ...(cache && cache.dtype !== 'float32' && { features: cache.dtype }),
      },
    };
    const answers = args.texts ? await openAnswers(args.texts, model, settings) : undefined;
    try {
      const evaluation = await interruptible('stopping', (signal) =>
        evaluateModel(model, samples, {
          ...generation,
          answers,
          hasCache: cache !== undefined,
          intervals: {},
          metrics,
          spice: args.spice,
          ...(broken === 'skip' && {
            onBroken: (id, error) => printNote(`${id} is left out: ${error.message}`),
          }),
          signal,
          reporter: terminalReporter,
        }),
      );
      process.stdout.write(`${scoreTable(evaluation)}\n`);
      if (earlier) {
        process.stdout.write(`\n${comparisonTable(compareRuns(evaluation, earlier), args.compare!)}\n`);
      }
      if (args.json) await writeJson(args.json, evaluation);
      if (args.report) {
        const { writeEvaluationReport } = await import('../evaluate/report/write-evaluation-report.js');
        const written = await interruptible('stopping', (signal) =>
          writeEvaluationReport(args.report!, evaluation, {
            model,
            adapter: args.adapter,
            samples,
            data: args.data,
            shown: shown ?? 24,
            settings: {
              ...(existsSync(args.data) && statSync(args.data).isFile() && { Split: args.split }),
              ...(limit && { Limit: `the first ${limit} samples` }),
              Beams: generation.beams,
              'Most new tokens': generation.maxNewTokens,
              Decoding: generation.decoding,
            },
            reporter: terminalReporter,
            signal,
          }),
        );
        process.stdout.write(`\nReport: ${written}\n`);
      }
    } finally {
      await answers?.close();
    }
  },
});

/** What is wrong with where results go is said before the work, which it would undo. */
function checkOutputs(outputs: Readonly<Record<string, string | undefined>>): void {
  const options = new Map<string, string>();
  for (const [option, path] of Object.entries(outputs)) {
    if (path === undefined) continue;
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
      throw new UsageError('eval', `--${option} ${path} is a folder; give the path of a file`);
    const other = options.get(resolve(path));
    if (other) throw new UsageError('eval', `--${other} and --${option} name the same file; give two`);
    options.set(resolve(path), option);
  }
}

/** The same name for the same data, however its path was written. */
function nameOfData(argument: string, split: string): string {
  if (!existsSync(argument)) return argument; // emoji-scenes:SPLIT
  const isFile = statSync(argument).isFile();
  return isFile ? `${resolve(argument)} ${split}` : resolve(argument);
}

/** `ocelli eval`. */
export const evalCommand = {
  definition,
  examples: [
    'ocelli eval --adapter out/own --data my-pictures',
    'ocelli eval --adapter out/own --data my-pictures.yaml --split validation --json scores.json',
    'ocelli eval --adapter out/own --data my-pictures --texts texts.jsonl',
    'ocelli eval --adapter out/own --data my-pictures --features out/own/features',
    'ocelli eval --adapter out/own --data my-pictures --report report.html',
    'ocelli eval --adapter out/other --data my-pictures --compare scores.json',
    'ocelli eval --adapter out/own --data my-pictures --compare-dtypes',
    'ocelli eval --adapter out/demo/adapters/epalm --data emoji-scenes:unseen-artist --limit 200',
  ],
};
