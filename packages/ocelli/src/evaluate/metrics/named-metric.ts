import {
  bootstrapInterval,
  type Interval,
  type IntervalOptions,
  meanOf,
  type SampleSums,
} from '@ocelli/evaluation';

/** One score of an evaluation, whatever the data set. */
export interface NamedMetric {
  /** For people: `VQA accuracy`. */
  readonly name: string;
  readonly of: 'captions' | 'answers';
  readonly value: number;
  /** A `share` is 0 to 1 and is printed as a percentage. */
  readonly unit: 'share' | 'number';
  /** Captions or questions (of a consistency, groups of questions) that it is about. */
  readonly count: number;
  /** Where it would lie for other samples of the same kind, if asked for. */
  readonly interval?: Interval;
  /** The same score of parts of the data. */
  readonly breakdowns?: readonly Breakdown[];
}

/** A score by something that divides the data. */
export interface Breakdown {
  /** What divides it: `question type`. */
  readonly by: string;
  readonly groups: readonly BreakdownGroup[];
}

/** The score of one part of the data. */
export interface BreakdownGroup {
  readonly name: string;
  readonly value: number;
  readonly count: number;
  readonly interval?: Interval;
}

/** A score with its interval, from its sums over samples. */
export function metricOf(
  facts: Pick<NamedMetric, 'name' | 'of' | 'unit' | 'breakdowns'>,
  sums: SampleSums,
  intervals: IntervalOptions | undefined,
): NamedMetric {
  const { breakdowns, ...others } = facts;
  const width = sums.rows[0]!.length;
  const totals = new Float64Array(width);
  for (const row of sums.rows) for (let i = 0; i < width; i++) totals[i]! += row[i]!;
  return {
    ...others,
    value: sums.score(totals, sums.rows.length),
    count: sums.rows.length,
    ...(intervals && { interval: bootstrapInterval(sums, intervals) }),
    ...(breakdowns && breakdowns.length > 0 && { breakdowns }),
  };
}

/** The mean of scores in groups by name, in order of first appearance; nothing where no sample has a name. */
export function breakdown(
  by: string,
  scores: readonly number[],
  names: readonly (string | undefined)[],
  intervals: IntervalOptions | undefined,
): Breakdown[] {
  const byName = new Map<string, number[]>();
  for (const [index, name] of names.entries()) {
    if (name === undefined) continue;
    const own = byName.get(name);
    if (own) own.push(scores[index]!);
    else byName.set(name, [scores[index]!]);
  }
  if (byName.size === 0) return [];
  const groups = [...byName].map(([name, own]) => ({
    name,
    value: own.reduce((sum, score) => sum + score, 0) / own.length,
    count: own.length,
    ...(intervals && { interval: bootstrapInterval(meanOf(own), intervals) }),
  }));
  return [{ by, groups }];
}
