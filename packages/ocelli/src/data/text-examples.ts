import type { Sample } from '@ocelli/datasets';
import { OcelliError } from '@ocelli/ops';
import type { ImageTextExample } from '@ocelli/training';

/**
 * One example for each caption and for each question that has an answer (its first, which is the best), in order.
 *
 * @param use which of them.
 * @param origin of the samples, for messages.
 */
export function textExamples(
  samples: readonly Sample[],
  use: 'captions' | 'questions' | 'both',
  origin: string,
): ImageTextExample[] {
  const examples = samples.flatMap(({ text }, item): ImageTextExample[] => [
    ...(use === 'questions' ? [] : (text.captions ?? []).map((target) => ({ prompt: '', target, item }))),
    ...(use === 'captions'
      ? []
      : (text.questions ?? [])
          .filter(({ answers }) => answers.length > 0)
          .map(({ question, answers }) => ({ prompt: question, target: answers[0]!, item }))),
  ]);
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
