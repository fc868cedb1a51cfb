import type { DeviceName } from '@ocelli/ops';
import { defineCommand } from 'citty';
import { deviceOption } from '../cli/adapter-options.js';
import { interruptible } from '../cli/interrupt.js';
import { numberOption } from '../cli/number-option.js';

const definition = defineCommand({
  meta: {
    name: 'demo',
    description:
      'Train eP-ALM and its relatives on drawings, moving drawings or voices with the embedded backbones, and test them on artists and voices that nothing was trained on.',
  },
  args: {
    modality: {
      type: 'string',
      valueHint: 'NAME',
      description: 'What the language model perceives: image, video, audio, or all three one after another',
      default: 'image',
    },
    seeds: {
      type: 'string',
      valueHint: 'N',
      description: 'Train every method N times and report the mean',
      default: '1',
    },
    steps: { type: 'string', valueHint: 'N', description: 'Training steps of each method' },
    methods: { type: 'string', valueHint: 'A,B', description: 'Methods to compare, with commas' },
    splits: {
      type: 'string',
      valueHint: 'A,B',
      description:
        'Held-out splits: unseen-artist (unseen-voice for audio), unseen-pair, validation; default the first two',
    },
    set: {
      type: 'string',
      valueHint: 'KEY=VALUE,...',
      description: 'Change settings; --set help lists them',
    },
    floors: {
      type: 'boolean',
      default: true,
      description: 'Leave out the floors (a blind model, a single frame) and the linear probe',
    },
    output: {
      type: 'string',
      valueHint: 'DIR',
      description: 'Where report, result and adapters go; default out/demo, out/demo-video, out/demo-audio',
    },
    encoder: {
      type: 'string',
      valueHint: 'DIR',
      description: 'Another encoder; default the embedded one of the modality',
    },
    'language-model': {
      type: 'string',
      valueHint: 'DIR',
      description: 'Another language model',
      default: 'tiny',
    },
    ...deviceOption,
  },
  async run({ args }) {
    const seeds = numberOption('demo', 'seeds', args.seeds, { minimum: 1 })!;
    const steps = numberOption('demo', 'steps', args.steps, { minimum: 1 });
    const { demo } = await import('../demo/demo-command.js');
    return interruptible('stopping', (signal) =>
      demo({
        modality: args.modality,
        seeds: Array.from({ length: seeds }, (_, seed) => seed),
        steps,
        methods: list(args.methods),
        splits: list(args.splits),
        changes: list(args.set) ?? [],
        floors: args.floors,
        output: args.output,
        encoder: args.encoder,
        languageModel: args['language-model'],
        device: args.device as DeviceName | undefined,
        signal,
      }),
    );
  },
});

/** Parts between commas that are not inside brackets, as in `epalm.config={"features":4,"layerStep":2},steps=100`. */
function list(text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  const parts: string[] = [''];
  let depth = 0;
  for (const letter of text) {
    if ('{['.includes(letter)) depth++;
    if ('}]'.includes(letter)) depth--;
    if (letter === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** `ocelli demo`. */
export const demoCommand = {
  definition,
  notes: ['Leaves report.html, result.json and adapters/METHOD in the output folder.'],
  examples: [
    'ocelli demo',
    'ocelli demo --modality all                             # drawings, clips and voices',
    'ocelli demo --seeds 3                                  # mean of three runs',
    'ocelli demo --methods epalm,limber --steps 200         # two methods, quickly',
    'ocelli demo --methods epalm --splits validation --no-floors --set epalm.learningRate=3e-3,captionWeight=3',
    'ocelli caption drawing.png --adapter out/demo/adapters/epalm',
  ],
};
