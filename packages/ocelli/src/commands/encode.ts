import { resolve } from 'node:path';
import type { DeviceName, WeightType } from '@ocelli/ops';
import { defineCommand } from 'citty';
import { deviceOption, weightTypeNames } from '../cli/adapter-options.js';
import { InterruptedError, interruptedExitCode, interruptible } from '../cli/interrupt.js';
import { numberOption } from '../cli/number-option.js';
import { UsageError } from '../cli/usage-error.js';

const definition = defineCommand({
  meta: {
    name: 'encode',
    description: 'Compute the features that a training reads, once and beforehand, into its feature cache.',
  },
  args: {
    config: {
      type: 'positional',
      required: false,
      description: 'YAML file of ocelli train: all of its data, in every version that it trains on',
    },
    features: {
      type: 'string',
      valueHint: 'DIR',
      description: 'Folder of the cache, in place of the one in the file',
    },
    data: {
      type: 'string',
      valueHint: 'DATA',
      description:
        'Without a file: a folder with captions.jsonl, a .jsonl, .parquet or .tar file, or emoji-scenes:SPLIT (emoji-clips, emoji-voices)',
    },
    encoder: {
      type: 'string',
      valueHint: 'NAME',
      description: 'Without a file: tiny, the folder of an encoder or its hub id',
    },
    tokens: {
      type: 'enum',
      valueHint: 'WHICH',
      options: ['class', 'all'],
      description: 'Without a file: class (of all blocks) or all (of the last block); class unless given',
    },
    frames: { type: 'string', valueHint: 'N', description: 'Without a file: frames of each video' },
    dtype: {
      type: 'enum',
      valueHint: 'TYPE',
      options: [...weightTypeNames] as WeightType[],
      description: `Without a file: how the encoder's weights are kept: ${weightTypeNames.join(', ')}`,
    },
    ...deviceOption,
    json: { type: 'boolean', description: 'Print JSON' },
  },
  async run({ args }) {
    const { config } = args;
    const others = (['data', 'encoder', 'tokens', 'frames', 'dtype'] as const).filter((name) => args[name]);
    if (config && others.length > 0)
      throw new UsageError('encode', `--${others[0]} stands in ${config} itself; leave one of them out`);
    const frames = numberOption('encode', 'frames', args.frames, { minimum: 1 });
    if (!config)
      for (const name of ['data', 'encoder', 'features'] as const)
        if (!args[name])
          throw new UsageError(
            'encode',
            `--${name} is missing; give a configuration, or --data, --encoder and --features`,
          );
    if (/\.ya?ml$/i.test(args.data ?? ''))
      throw new UsageError('encode', `${args.data} is a configuration; write ocelli encode ${args.data}`);
    const { encodeData, encodeFromConfig } = await import('../encode/encode-from-config.js');
    const { describeSummary } = await import('../encode/describe-summary.js');
    const { printNote, terminalReporter } = await import('../cli/terminal-reporter.js');
    const device = args.device as DeviceName | undefined;
    const own = args.features && { directory: resolve(args.features) };
    const reporting = { reporter: terminalReporter, onMessage: printNote };
    const work = async (signal: AbortSignal) => {
      if (config) {
        const { readConfig } = await import('../config/read-config.js');
        const read = readConfig(config);
        const changed = {
          ...read,
          featureCache: { ...read.featureCache, ...(own || {}) },
          ...(device && { device }),
        };
        return encodeFromConfig(changed, { ...reporting, signal });
      }
      const { dataFromArgument } = await import('../data/data-from-argument.js');
      const choice = {
        encoder: args.encoder!,
        data: dataFromArgument(args.data!, 'train').data,
        tokens: args.tokens ?? 'class',
        featureCache: own as { directory: string },
        dtype: args.dtype,
        device,
        frames,
      };
      return encodeData(choice, { ...reporting, signal });
    };
    try {
      const summary = await interruptible('stopping after this batch', work);
      process.stdout.write(`${args.json ? JSON.stringify(summary, null, 2) : describeSummary(summary)}\n`);
      if (summary.unkept > 0)
        printNote(
          `${summary.unkept.toLocaleString('en-US')} features had no room and are computed again when needed; ` +
            `raise featureCache.maxSize`,
        );
      return 0;
    } catch (error) {
      if (!(error instanceof InterruptedError)) throw error;
      process.stderr.write('stopped; features so far are kept, the same command goes on from there\n');
      return interruptedExitCode;
    }
  },
});

/** `ocelli encode`. */
export const encodeCommand = {
  definition,
  notes: [
    'ocelli train computes features by itself; beforehand they can be computed by another process or on another machine, or by several at',
    'once, for several trainings that share a cache. What is there already is not computed again, also after Ctrl-C or a kill.',
    'The cache is featureCache in the configuration: a folder, or { directory, maxSize, dtype }, such as',
    '  featureCache: { directory: features, maxSize: 20 GB, dtype: bfloat16 }    # bfloat16: half the room, rounded',
  ],
  examples: [
    'ocelli encode my-pictures.yaml',
    'ocelli encode my-pictures.yaml --features /shared/features --json',
    'ocelli encode --data my-pictures --encoder tiny --features out/features',
  ],
};
