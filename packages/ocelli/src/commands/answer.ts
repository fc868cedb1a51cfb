import { readFileSync } from 'node:fs';
import { defineCommand } from 'citty';
import { adapterOptions, generationOptions, modelChoice, samplingOptions } from '../cli/adapter-options.js';
import { generationFrom, showPieces, showsPieces } from '../cli/generation-arguments.js';
import { interruptible } from '../cli/interrupt.js';
import { UsageError } from '../cli/usage-error.js';

const definition = defineCommand({
  meta: { name: 'answer', description: 'Answer a question about a picture, a video or sound.' },
  args: {
    file: {
      type: 'positional',
      required: true,
      description: 'A file that the encoder can see or hear: JPEG, PNG, MP4, WAV, MP3, ...',
    },
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
      description: 'Print { "file", "question", "answer" } as JSON; with --answers "ranking" too',
    },
  },
  async run({ args }) {
    const { file, question } = args;
    if (question.trim() === '') throw new UsageError('answer', 'the question is empty; write one in quotes');
    const options = generationFrom('answer', args);
    const answers = args.answers === undefined ? null : readAnswers(args.answers);
    if (answers && (options.beams > 1 || options.sampling || options.stop || options.repetitionPenalty)) {
      throw new UsageError('answer', '--answers ranks a list and writes no text; leave out how to write it');
    }
    const { mediaOf } = await import('../pipelines/media-input.js');
    const { openModel } = await import('../pipelines/open-model.js');
    // A missing file is found before the models are read.
    const media = await mediaOf(file);
    using model = await openModel(modelChoice(args));
    if (!answers && showsPieces(options, args.json)) {
      return await interruptible('stopping', (signal) =>
        showPieces(model.stream(media, question, { ...options, signal })),
      );
    }
    const { answer, ...others } = await interruptible('stopping', async (signal) => {
      if (!answers) return { answer: await model.answer(media, question, { ...options, signal }) };
      const ranking = await model.rank(media, question, answers, { signal });
      return { answer: ranking[0]!.answer, ranking };
    });
    const result = { file, question, answer, ...others };
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
    'ocelli answer party.mp4 "what happens after the cake is cut?" --adapter out/films    # with an encoder of videos',
    'ocelli answer holiday.jpg "what season is it?" --adapter out/own --answers seasons.txt',
    'ocelli answer drawing.png "what is in the picture?" --adapter out/demo/adapters/epalm    # after ocelli demo',
  ],
};
