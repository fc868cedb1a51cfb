import { bootstrapInterval, meanOf } from '@ocelli/evaluation';
import type { ReportBreakdown } from '../../report/index.js';
import type { ModelEvaluation } from '../evaluate-model.js';

/** VQA accuracy by type of question and by type of answer, where the data has them, with intervals of their own. */
export function breakdowns({ texts, perSample }: NonNullable<ModelEvaluation['answers']>): ReportBreakdown[] {
  return [
    { title: 'Type of question', types: texts.map(({ type }) => type) },
    { title: 'Type of answer', types: texts.map(({ answerType }) => answerType) },
  ].flatMap(({ title, types }) => {
    const groups = new Map<string, number[]>();
    types.forEach((type, i) => {
      if (type === undefined) return;
      const scores = groups.get(type) ?? [];
      scores.push(perSample[i]!.vqaAccuracy);
      groups.set(type, scores);
    });
    if (groups.size === 0) return [];
    const rows = [...groups].map(([name, scores]) => {
      const { score, low, high } = bootstrapInterval(meanOf(scores));
      return { name, count: scores.length, value: score, low, high };
    });
    rows.sort((a, b) => b.count - a.count);
    return [{ title, metric: 'VQA accuracy', unit: 'percent', rows } as const];
  });
}
