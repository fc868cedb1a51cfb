import { resolve } from 'node:path';
import { formatBytes } from '../../memory/format-bytes.js';
import { renderEvaluation } from '../../report/index.js';
import { writeText } from '../../write-json.js';
import type { ModelEvaluation } from '../evaluate-model.js';
import { type EvaluationReportOptions, evaluationReport } from './evaluation-report.js';

/**
 * Writes the page of an evaluation.
 *
 * @returns where it is and how large, for a person.
 */
export async function writeEvaluationReport(
  path: string,
  evaluation: ModelEvaluation,
  options: EvaluationReportOptions,
): Promise<string> {
  const page = renderEvaluation(await evaluationReport(evaluation, options));
  await writeText(path, page);
  return `${resolve(path)} (${formatBytes(Buffer.byteLength(page))})`;
}
