import { defineCommand } from 'citty';
import { adapterOptions, generationOptions } from '../cli/adapter-options.js';
import { interruptible } from '../cli/interrupt.js';
import { numberOption } from '../cli/number-option.js';

const definition = defineCommand({
  meta: { name: 'caption', description: 'Describe pictures, one caption each.' },
  args: {
    picture: { type: 'positional', required: true, description: 'Picture files: JPEG, PNG, WebP, SVG, ...' },
    ...adapterOptions,
    ...generationOptions,
    json: { type: 'boolean', description: 'Print a JSON list of { "picture", "caption" }' },
  },
  async run({ args }) {
    const beams = numberOption('caption', 'beams', args.beams, { minimum: 1 })!;
    const maxNewTokens = numberOption('caption', 'max-new-tokens', args['max-new-tokens'], { minimum: 1 })!;
    const { loadImage } = await import('@ocelli/datasets');
    const { openModel } = await import('../pipelines/open-model.js');
    const pictures = args._;
    // A broken picture is found before the models are read.
    const images = await Promise.all(pictures.map((path) => loadImage({ kind: 'file', path })));
    using model = openModel({
      adapter: args.adapter,
      ...(args.encoder ? { encoder: args.encoder } : {}),
      ...(args['language-model'] ? { languageModel: args['language-model'] } : {}),
    });
    const captions = await interruptible('stopping', (signal) =>
      model.captions(images, { beams, maxNewTokens, signal }),
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
    'ocelli caption drawing.png --adapter out/demo/adapters/epalm    # after ocelli demo',
  ],
};
