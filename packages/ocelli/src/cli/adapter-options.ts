import type { DeviceName, WeightType } from '@ocelli/ops';
import type { OpenModelOptions } from '../pipelines/open-model.js';
import { downloadReporting } from './terminal-reporter.js';

/** Here once more, since help works without the native addon; a test compares it with that of @ocelli/ops. */
export const weightTypeNames = [
  'float32',
  'bfloat16',
  'float16',
  'int8',
  'fp8',
  'nf4',
  'fp4',
] as const satisfies readonly WeightType[];

/** The option of commands that compute. */
export const deviceOption = {
  device: {
    type: 'string',
    valueHint: 'NAME',
    description: 'Where to compute: cpu, or cuda, cuda:1, ... of the GPUs that ocelli info lists',
  },
} as const;

/** Options of commands that use a saved adapter. */
export const adapterOptions = {
  adapter: {
    type: 'string',
    required: true,
    valueHint: 'DIR',
    description: 'Folder of a saved adapter, or the output folder of ocelli train',
  },
  encoder: {
    type: 'string',
    valueHint: 'NAME',
    description: 'Its encoder, if that is no longer where it was',
  },
  'language-model': {
    type: 'string',
    valueHint: 'NAME',
    description: 'Its language model, if that is no longer where it was',
  },
  dtype: {
    type: 'enum',
    valueHint: 'TYPE',
    options: [...weightTypeNames] as WeightType[],
    description: `How the frozen weights are kept in memory: ${weightTypeNames.join(', ')}`,
  },
  ...deviceOption,
} as const;

/** Options of commands that generate text. */
export const generationOptions = {
  beams: { type: 'string', valueHint: 'N', description: 'Beams to search with; 1 is greedy', default: '1' },
  'max-new-tokens': { type: 'string', valueHint: 'N', description: 'Longest text in tokens', default: '30' },
} as const;

/** Options of commands that write text for a person. */
export const samplingOptions = {
  temperature: {
    type: 'string',
    valueHint: 'T',
    description: 'Draw tokens instead of taking the likeliest; below 1 sharpens, above flattens',
  },
  'top-k': { type: 'string', valueHint: 'N', description: 'Draw from the N likeliest tokens only' },
  'top-p': {
    type: 'string',
    valueHint: 'P',
    description: 'Draw from the likeliest tokens that hold the probability P only',
  },
  seed: {
    type: 'string',
    valueHint: 'N',
    description: 'Another draw; the same seed draws the same (0 unless given)',
  },
  'repetition-penalty': {
    type: 'string',
    valueHint: 'X',
    description: 'Above 1 discourages what was said; 1 is none',
  },
  stop: { type: 'string', valueHint: 'TEXT', description: 'End before this text' },
} as const;

/** Which model the options above name. */
export function modelChoice(args: {
  readonly adapter: string;
  readonly encoder?: string | undefined;
  readonly 'language-model'?: string | undefined;
  readonly dtype?: WeightType | undefined;
  readonly device?: string | undefined;
}): Omit<OpenModelOptions, 'signal'> {
  return {
    ...downloadReporting,
    adapter: args.adapter,
    ...(args.encoder ? { encoder: args.encoder } : {}),
    ...(args['language-model'] ? { languageModel: args['language-model'] } : {}),
    dtype: args.dtype,
    device: args.device as DeviceName | undefined,
  };
}
