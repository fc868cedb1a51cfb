import { resolve } from 'node:path';
import type { DeviceName } from '@ocelli/ops';
import { defineCommand } from 'citty';
import { deviceOption } from '../cli/adapter-options.js';
import { InterruptedError, interruptedExitCode, interruptible } from '../cli/interrupt.js';
import { UsageError } from '../cli/usage-error.js';

const definition = defineCommand({
  meta: {
    name: 'train',
    description: 'Train an adapter between a frozen encoder and a frozen language model.',
  },
  args: {
    config: {
      type: 'positional',
      required: true,
      description: 'YAML file that names models, data, settings and the output folder',
    },
    resume: { type: 'boolean', description: 'Go on from the last checkpoint in the output folder' },
    output: {
      type: 'string',
      valueHint: 'DIR',
      description: 'Output folder in place of the one in the file',
    },
    set: {
      type: 'string',
      valueHint: 'KEY=VALUE,...',
      description: 'Values as if they stood in the file, e.g. data.root=/data,training.batchSize=8',
    },
    'dry-run': {
      type: 'boolean',
      description:
        'Instead: read all annotations, look for every file, plan the memory, try two steps and score a few samples',
    },
    ...deviceOption,
  },
  async run({ args }) {
    const { readConfig } = await import('../config/read-config.js');
    const { trainFromConfig } = await import('../train/train-from-config.js');
    const { printNote, terminalReporter } = await import('../cli/terminal-reporter.js');
    const read = readConfig(args.config, args.set);
    const config = {
      ...read,
      ...(args.output ? { output: resolve(args.output) } : {}),
      ...(args.device ? { device: args.device as DeviceName } : {}),
    };
    if (args['dry-run']) {
      if (args.resume)
        throw new UsageError('train', '--dry-run leaves nothing to --resume; leave one of them out');
      const { dryRunConfig } = await import('../dry-run/dry-run.js');
      const { describeDryRun } = await import('../dry-run/describe-dry-run.js');
      const report = await interruptible('stopping', (signal) =>
        dryRunConfig(config, { reporter: terminalReporter, onMessage: printNote, signal }),
      );
      process.stdout.write(`${describeDryRun(config, report)}\n`);
      return 0;
    }
    const again = ['output', 'device', 'set'].reduce(
      (command, name) => (args[name] ? `${command} --${name} ${args[name]}` : command),
      `ocelli train ${args.config} --resume`,
    );
    try {
      const outcome = await interruptible('stopping after this step', (signal) =>
        trainFromConfig(config, {
          resume: args.resume ?? false,
          reporter: terminalReporter,
          onMessage: printNote,
          signal,
        }),
      );
      if (outcome.aborted) {
        process.stderr.write(
          `stopped at step ${outcome.step}, a checkpoint is written; go on with: ${again}\n`,
        );
        return interruptedExitCode;
      }
      const { adapterDirectory, trainableParameters, loss } = outcome;
      const facts = `${trainableParameters.toLocaleString('en-US')} trained parameters${loss === null ? '' : `, last loss ${loss.toFixed(3)}`}`;
      process.stdout.write(
        `${adapterDirectory}: ${facts}\nTry it: ocelli caption FILE --adapter ${config.output}\n`,
      );
      return 0;
    } catch (error) {
      if (!(error instanceof InterruptedError)) throw error;
      process.stderr.write(
        `stopped before the first step; features so far are kept, start again with: ${again}\n`,
      );
      return interruptedExitCode;
    }
  },
});

/** `ocelli train`. */
export const trainCommand = {
  definition,
  notes: [
    'The file, for a folder of your own pictures with a captions.jsonl in it:',
    '',
    '  encoder: tiny                   # or the folder or hub id of an encoder: ViT, TimeSformer, AST, ...',
    '  languageModel: tiny             # or the folder or hub id of a language model: OPT, GPT-2, LLaMA, ...',
    '  adapter: { method: epalm }      # ocelli info lists the methods',
    '  data:',
    '    train: { format: folder, directory: my-pictures }',
    '  training: { steps: 500, learningRate: 1e-2 }',
    '  output: out/own',
    '',
    'ocelli encode FILE computes the features beforehand; featureCache: { directory: DIR, maxSize: 20 GB } says where they are kept.',
    'training: { memoryBudget: 2 GiB } trades time for memory; ocelli info --plan FILE shows what a training takes.',
    '',
    'captions.jsonl has a line for each caption or question:',
    '',
    '  {"image": "cat.jpg", "caption": "a cat on a red chair"}',
    '  {"image": "cat.jpg", "question": "what is on the chair?", "answer": "a cat"}',
    '',
    'docs/datasets.md lists the formats of published data sets; ocelli data check FILE tells whether the data is whole.',
    '',
    '--dry-run downloads nothing: a tiny random model of the same architecture takes the place of one that is not here.',
    '',
    'Ctrl-C writes a checkpoint and stops; --resume goes on as if nothing had happened.',
  ],
  examples: [
    'ocelli train my-pictures.yaml',
    'ocelli train my-pictures.yaml --resume',
    'ocelli train my-pictures.yaml --output out/second-try',
    'ocelli train configs/epalm/pt-l-vqa.yaml --set data.root=/data --dry-run',
  ],
};
