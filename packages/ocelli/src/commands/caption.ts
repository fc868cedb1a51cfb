import { defineCommand } from 'citty';
import { adapterOptions, generationOptions, modelChoice, samplingOptions } from '../cli/adapter-options.js';
import { describeError } from '../cli/describe-error.js';
import { generationFrom, showPieces, showsPieces } from '../cli/generation-arguments.js';
import { interruptible } from '../cli/interrupt.js';

const definition = defineCommand({
  meta: { name: 'caption', description: 'Describe pictures, videos or sound, one caption each.' },
  args: {
    file: {
      type: 'positional',
      required: true,
      description: 'Files that the encoder can see or hear: JPEG, PNG, MP4, WAV, MP3, ...',
    },
    ...adapterOptions,
    ...generationOptions,
    ...samplingOptions,
    json: { type: 'boolean', description: 'Print a JSON list of { "file", "caption" }' },
  },
  async run({ args }) {
    const options = generationFrom('caption', args);
    const { mediaOf } = await import('../pipelines/media-input.js');
    const { openModel } = await import('../pipelines/open-model.js');
    const files = args._;
    // A missing file is found before the models are read.
    const media = await Promise.all(files.map((path) => mediaOf(path)));
    using model = await openModel(modelChoice(args));
    if (media.length === 1 && showsPieces(options, args.json)) {
      await interruptible('stopping', (signal) =>
        showPieces(model.stream(media[0]!, '', { ...options, signal })),
      );
      return 0;
    }
    // One broken file of many keeps none of the others from its caption.
    const broken = new Set<number>();
    const onBroken = (item: number, error: Error): void => {
      broken.add(item);
      process.stderr.write(`${describeError(error)}\n`);
    };
    const captions = await interruptible('stopping', (signal) =>
      model.captions(media, { ...options, signal, onBroken }),
    );
    const rows = files
      .map((file, index) => ({ file, caption: captions[index]! }))
      .filter((_, index) => !broken.has(index));
    const lines = rows.map(({ file, caption }) => `${files.length === 1 ? '' : `${file}: `}${caption}\n`);
    process.stdout.write(args.json ? `${JSON.stringify(rows, null, 2)}\n` : lines.join(''));
    return broken.size === 0 ? 0 : 1;
  },
});

/** `ocelli caption`. */
export const captionCommand = {
  definition,
  manyPositionals: true,
  notes: [
    'Of several files, those that cannot be decoded are named, the others captioned; the exit code is 1 then.',
  ],
  examples: [
    'ocelli caption holiday.jpg --adapter out/own',
    'ocelli caption dog.wav --adapter out/sounds    # trained with an encoder of sound',
    'ocelli caption *.jpg --adapter out/own --beams 4 --json > captions.json',
    'ocelli caption holiday.jpg --adapter out/own --temperature 0.8 --top-p 0.9 --seed 3',
    'ocelli caption drawing.png --adapter out/demo/adapters/epalm    # after ocelli demo',
  ],
};
