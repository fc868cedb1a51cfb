import type { Sample } from '@ocelli/datasets';
import { OcelliError } from '@ocelli/ops';
import type { ImageTextExample } from '@ocelli/training';
import type { OcelliConfig } from '../config/read-config.js';

/** Which texts of samples become examples. */
export interface TextExampleOptions {
  /** Captions, questions or both. */
  readonly use: 'captions' | 'questions' | 'both';
  /** What stands behind every question. Default: nothing. */
  readonly questionSuffix?: string | undefined;
  /** Where the samples are from, for messages. */
  readonly origin: string;
}

/** The options that a configuration gives. */
export function exampleOptions({ data, inputs }: OcelliConfig, origin: string): TextExampleOptions {
  return { use: data.use, questionSuffix: inputs.questionSuffix, origin };
}

/** One example for each caption and for each question of a sample that has an answer (its first, which is the best). */
export function examplesOf(
  { text }: Sample,
  item: number,
  { use, questionSuffix = '' }: TextExampleOptions,
): ImageTextExample[] {
  return [
    ...(use === 'questions' ? [] : (text.captions ?? []).map((target) => ({ prompt: '', target, item }))),
    ...(use === 'captions'
      ? []
      : (text.questions ?? [])
          .filter(({ answers }) => answers.length > 0)
          .map(({ question, answers }) => ({
            prompt: `${question}${questionSuffix}`,
            target: answers[0]!,
            item,
          }))),
  ];
}

/** The examples of all samples, in order. @throws {OcelliError} if there are none. */
export function textExamples(samples: readonly Sample[], options: TextExampleOptions): ImageTextExample[] {
  const examples = samples.flatMap((sample, item) => examplesOf(sample, item, options));
  const { use, origin } = options;
  if (examples.length > 0) return examples;
  const what =
    use === 'both'
      ? 'captions or answered questions'
      : use === 'captions'
        ? 'captions'
        : 'answered questions';
  throw new OcelliError(
    'data',
    `the ${samples.length} samples of ${origin} have no ${what}; choose another data.use or add them`,
  );
}
