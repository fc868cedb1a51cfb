import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OcelliError } from '@ocelli/ops';
import { type MetricsRecord, readMetricsLog } from '@ocelli/training';
import { adapterDirectory } from '../../pipelines/open-model.js';
import type { ReportCurve } from '../../report/index.js';

/**
 * The losses of an adapter's training, from the `metrics.jsonl` that `ocelli train` leaves beside it: of its steps, and of
 * its validation if there was one. None where there is no such file, or it is another's.
 *
 * @param adapter folder of the adapter, or the output folder of its training.
 */
export function trainingCurves(adapter: string): ReportCurve[] {
  const path = join(dirname(adapterDirectory(adapter)), 'metrics.jsonl');
  if (!existsSync(path)) return [];
  let records: MetricsRecord[];
  try {
    records = readMetricsLog(path);
  } catch (error) {
    if (error instanceof OcelliError) return [];
    throw error;
  }
  const of = (label: string, loss: (record: MetricsRecord) => unknown): ReportCurve => ({
    label,
    curve: records.flatMap((record) => {
      const value = loss(record);
      return typeof value === 'number' ? [{ step: record.step, loss: value }] : [];
    }),
  });
  const evaluated = (record: MetricsRecord) =>
    (record.evaluation as { readonly loss?: unknown } | undefined)?.loss;
  return [of('training', ({ loss }) => loss), of('validation', evaluated)].filter(
    ({ curve }) => curve.length > 0,
  );
}
