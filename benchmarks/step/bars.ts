import { type BarMeasurer, type BarValue, lowest, timesFaster } from '../harness/bars.js';
import { type Row, resultOf } from '../harness/row.js';
import { memoryFamily } from './measure-memory.js';
import {
  cachedLabel,
  encoderLabel,
  insideFamily,
  narrowWeights,
  oneThread,
  stepFamily,
  withCache,
} from './measure-time.js';

const noTorch = 'PyTorch was not there (--python)';

const ofFamily = (rows: readonly Row[], family: string, label?: string): Row[] =>
  rows.filter((row) => row.family === family && (label === undefined || row.label === label));

/** The highest of an extra number of ours. */
function highest(rows: readonly Row[], name: string): BarValue {
  const values = rows.flatMap((row) => {
    const value = row.results[0]?.extra?.[name];
    return value === undefined ? [] : [{ value, note: row.label }];
  });
  if (values.length === 0) return { missing: 'no such row was measured' };
  return values.reduce((most, found) => (found.value > most.value ? found : most));
}

export const stepBars: Readonly<Record<string, BarMeasurer>> = {
  'step-float32-plain': (rows) => lowest(ofFamily(rows, stepFamily), timesFaster('torch'), noTorch),
  'step-float32-best': (rows) =>
    lowest(ofFamily(rows, stepFamily), timesFaster('torch', 'torch best'), noTorch),
  'step-bfloat16': (rows) =>
    lowest(
      ofFamily(rows, stepFamily),
      (row) => {
        const ours = resultOf(row, narrowWeights)?.seconds.median;
        const theirs = resultOf(row, 'torch bfloat16')?.seconds.median;
        return ours === undefined || theirs === undefined ? undefined : { value: theirs / ours };
      },
      'PyTorch was not there, or has no bfloat16 on this processor',
    ),
  'epoch-cached': (rows) => {
    const [row] = ofFamily(rows, stepFamily, encoderLabel);
    const cached = row && resultOf(row, withCache);
    const plain = row && resultOf(row, 'torch');
    if (!cached || !plain) return { missing: noTorch };
    const note = 'a step with features from the cache beside one of plain PyTorch that encodes';
    return { value: plain.seconds.median / cached.seconds.median, note };
  },
  'step-memory': (rows) => {
    const [row] = ofFamily(rows, memoryFamily);
    if (!row) return { missing: 'no such row was measured' };
    const bytes = (name: string): number | undefined => resultOf(row, name)?.extra?.peakResidentMegabytes;
    const ours = bytes('ocelli');
    const theirs = bytes('torch');
    if (ours === undefined || theirs === undefined) return { missing: noTorch };
    return { value: ours / theirs, note: `${ours} MB beside ${theirs} MB` };
  },
  'step-outside-kernels': (rows) => highest(ofFamily(rows, insideFamily), 'shareOutsideKernels'),
  'step-allocations': (rows) => highest(ofFamily(rows, insideFamily), 'systemAllocations'),
  'step-threads': (rows) =>
    lowest(
      ofFamily(rows, stepFamily, cachedLabel),
      (row) => {
        const found = timesFaster(oneThread)(row);
        return found && { value: found.value };
      },
      'one thread only',
    ),
};
