import { formatTable } from '../terminal/index.js';
import type { ModelEvaluation } from './evaluate-model.js';

/** Scores as a table for the terminal. */
export function scoreTable({ captions, answers }: ModelEvaluation): string {
  const rows: { data: string; metric: string; score: string }[] = [];
  const add = (data: string, metric: string, value: number, digits: number, unit = ''): void => {
    rows.push({ data, metric, score: `${value.toFixed(digits)}${unit}` });
  };
  if (captions) {
    const data = `${captions.count} captions`;
    add(data, 'exact match', 100 * captions.exactMatch, 1, ' %');
    add(data, 'CIDEr', captions.cider, 3);
    add(data, 'BLEU-4', captions.bleu4, 3);
    add(data, 'ROUGE-L', captions.rougeL, 3);
  }
  if (answers) {
    add(`${answers.count} questions`, 'VQA accuracy', answers.vqaAccuracy, 1, ' %');
    for (const [type, { count, vqaAccuracy }] of Object.entries(answers.perQuestionType)) {
      add(`  ${count} ${type}`, 'VQA accuracy', vqaAccuracy, 1, ' %');
    }
  }
  return formatTable(rows, [
    { label: 'Data', value: 'data' },
    { label: 'Metric', value: 'metric' },
    { label: 'Score', value: 'score', align: 'right' },
  ]);
}
