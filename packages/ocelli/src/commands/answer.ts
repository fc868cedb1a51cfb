import { readFileSync } from 'node:fs';
import { defineCommand } from 'citty';
import { adapterOptions, generationOptions, modelChoice, samplingOptions } from '../cli/adapter-options.js';
import { generationFrom, showPieces, showsPieces } from '../cli/generation-arguments.js';
import { interruptible } from '../cli/interrupt.js';
import { UsageError } from '../cli/usage-error.js';

const definition = defineCommand({
  meta: { name: 'answer', description: 'Answer a question about a picture.' },
  args: {
    picture: { type: 'positional', required: true, description: 'Picture file: JPEG, PNG, WebP, SVG, ...' },
    question: { type: 'positional', required: true, description: 'The question, in quotes' },
    ...adapterOptions,
    ...generationOptions,
    ...samplingOptions,
    answers: {
      type: 'string',
      valueHint: 'FILE',
      description: 'Choose the likeliest of these answers, one a line, instead of writing one',
    },
    json: {
      type: 'boolean',
      description: 'Print { "picture", "question", "answer" } as JSON; with --answers "ranking" too',
    },
  },
  async run({ args }) {
    const { picture, question } = args;
    if (question.trim() === '') throw new UsageError('answer', 'the question is empty; write one in quotes');
    const options = generationFrom('answer', args);
    const answers = args.answers === undefined ? null : readAnswers(args.answers);
    if (answers && (options.beams > 1 || options.sampling || options.stop || options.repetitionPenalty)) {
      throw new UsageError('answer', '--answers ranks a list and writes no text; leave out how to write it');
    }
    const { loadImage } = await import('@ocelli/datasets');
    const { openModel } = await import('../pipelines/open-model.js');
    const image = await loadImage({ kind: 'file', path: picture });
    using model = await openModel(modelChoice(args));
    if (!answers && showsPieces(options, args.json)) {
      return await interruptible('stopping', (signal) =>
        showPieces(model.stream(image, question, { ...options, signal })),
      );
    }
    const { answer, ...others } = await interruptible('stopping', async (signal) => {
      if (!answers) return { answer: await model.answer(image, question, { ...options, signal }) };
      const ranking = await model.rank(image, question, answers, { signal });
      return { answer: ranking[0]!.answer, ranking };
    });
    const result = { picture, question, answer, ...others };
    process.stdout.write(`${args.json ? JSON.stringify(result, null, 2) : answer}\n`);
  },
});

/** The lines of a file, without empty ones and repeats. */
function readAnswers(path: string): string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError('answer', `--answers ${path} cannot be read: ${(error as Error).message}`);
  }
  const lines = text.split('\n').map((line) => line.trim());
  const answers = [...new Set(lines.filter((line) => line !== ''))];
  if (answers.length === 0)
    throw new UsageError('answer', `--answers ${path} is empty; write one answer a line`);
  return answers;
}

/** `ocelli answer`. */
export const answerCommand = {
  definition,
  examples: [
    'ocelli answer holiday.jpg "how many people are there?" --adapter out/own',
    'ocelli answer holiday.jpg "what season is it?" --adapter out/own --answers seasons.txt',
    'ocelli answer drawing.png "what is in the picture?" --adapter out/demo/adapters/epalm    # after ocelli demo',
  ],
};
