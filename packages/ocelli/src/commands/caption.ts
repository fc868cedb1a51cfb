import { defineCommand } from 'citty';
import { adapterOptions, generationOptions, modelChoice, samplingOptions } from '../cli/adapter-options.js';
import { generationFrom, showPieces, showsPieces } from '../cli/generation-arguments.js';
import { interruptible } from '../cli/interrupt.js';

const definition = defineCommand({
  meta: { name: 'caption', description: 'Describe pictures, one caption each.' },
  args: {
    picture: { type: 'positional', required: true, description: 'Picture files: JPEG, PNG, WebP, SVG, ...' },
    ...adapterOptions,
    ...generationOptions,
    ...samplingOptions,
    json: { type: 'boolean', description: 'Print a JSON list of { "picture", "caption" }' },
  },
  async run({ args }) {
    const options = generationFrom('caption', args);
    const { loadImage } = await import('@ocelli/datasets');
    const { openModel } = await import('../pipelines/open-model.js');
    const pictures = args._;
    // A broken picture is found before the models are read.
    const images = await Promise.all(pictures.map((path) => loadImage({ kind: 'file', path })));
    using model = await openModel(modelChoice(args));
    if (images.length === 1 && showsPieces(options, args.json)) {
      return await interruptible('stopping', (signal) =>
        showPieces(model.stream(images[0]!, '', { ...options, signal })),
      );
    }
    const captions = await interruptible('stopping', (signal) =>
      model.captions(images, { ...options, signal }),
    );
    const rows = pictures.map((picture, index) => ({ picture, caption: captions[index]! }));
    const lines = rows.map(({ picture, caption }) =>
      rows.length === 1 ? caption : `${picture}: ${caption}`,
    );
    process.stdout.write(`${args.json ? JSON.stringify(rows, null, 2) : lines.join('\n')}\n`);
  },
});

/** `ocelli caption`. */
export const captionCommand = {
  definition,
  manyPositionals: true,
  examples: [
    'ocelli caption holiday.jpg --adapter out/own',
    'ocelli caption *.jpg --adapter out/own --beams 4 --json > captions.json',
    'ocelli caption holiday.jpg --adapter out/own --temperature 0.8 --top-p 0.9 --seed 3',
    'ocelli caption drawing.png --adapter out/demo/adapters/epalm    # after ocelli demo',
  ],
};
