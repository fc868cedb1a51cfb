import { evaluateAnswers } from '@ocelli/evaluation';
import type { DemoSample } from './modality.js';

/** The most frequent training answer to each type of question. */
export function majorityAnswers(train: readonly DemoSample[]): Record<string, string> {
  const counts = new Map<string, Map<string, number>>();
  for (const { text } of train) {
    for (const { type, answers } of text.questions) {
      const ofType = counts.get(type) ?? new Map<string, number>();
      counts.set(type, ofType.set(answers[0]!, (ofType.get(answers[0]!) ?? 0) + 1));
    }
  }
  const top = (ofType: Map<string, number>): string => [...ofType].sort((a, b) => b[1] - a[1])[0]![0];
  return Object.fromEntries([...counts].map(([type, ofType]) => [type, top(ofType)]));
}

/** What always giving the majority answer scores on other pictures: VQA accuracy in percent, by type of question. */
export function majorityFloor(
  majority: Readonly<Record<string, string>>,
  samples: readonly DemoSample[],
): Record<string, number> {
  const { perQuestionType } = evaluateAnswers(
    samples.flatMap(({ id, text }) =>
      text.questions.map(({ type, answers }) => ({
        id: `${id}/${type}`,
        answers,
        prediction: majority[type] ?? '',
        questionType: type,
      })),
    ),
    { normalizeUnanimous: true },
  );
  return Object.fromEntries(
    Object.entries(perQuestionType).map(([type, { vqaAccuracy }]) => [type, vqaAccuracy]),
  );
}
