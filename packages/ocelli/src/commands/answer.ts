import { defineCommand } from 'citty';
import { adapterOptions, generationOptions } from '../cli/adapter-options.js';
import { interruptible } from '../cli/interrupt.js';
import { numberOption } from '../cli/number-option.js';
import { UsageError } from '../cli/usage-error.js';

const definition = defineCommand({
  meta: { name: 'answer', description: 'Answer a question about a picture.' },
  args: {
    picture: { type: 'positional', required: true, description: 'Picture file: JPEG, PNG, WebP, SVG, ...' },
    question: { type: 'positional', required: true, description: 'The question, in quotes' },
    ...adapterOptions,
    ...generationOptions,
    json: { type: 'boolean', description: 'Print { "picture", "question", "answer" } as JSON' },
  },
  async run({ args }) {
    const { picture, question } = args;
    if (question.trim() === '') throw new UsageError('answer', 'the question is empty; write one in quotes');
    const beams = numberOption('answer', 'beams', args.beams, { minimum: 1 })!;
    const maxNewTokens = numberOption('answer', 'max-new-tokens', args['max-new-tokens'], { minimum: 1 })!;
    const { loadImage } = await import('@ocelli/datasets');
    const { openModel } = await import('../pipelines/open-model.js');
    const image = await loadImage({ kind: 'file', path: picture });
    using model = openModel({
      adapter: args.adapter,
      ...(args.encoder ? { encoder: args.encoder } : {}),
      ...(args['language-model'] ? { languageModel: args['language-model'] } : {}),
    });
    const answer = await interruptible('stopping', (signal) =>
      model.answer(image, question, { beams, maxNewTokens, signal }),
    );
    process.stdout.write(`${args.json ? JSON.stringify({ picture, question, answer }, null, 2) : answer}\n`);
  },
});

/** `ocelli answer`. */
export const answerCommand = {
  definition,
  examples: [
    'ocelli answer holiday.jpg "how many people are there?" --adapter out/own',
    'ocelli answer drawing.png "what is in the picture?" --adapter out/demo/adapters/epalm    # after ocelli demo',
  ],
};
