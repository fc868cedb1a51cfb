import { checkIds, checkText } from './check-samples.js';
import { mean } from './mean.js';

/** One statement about one picture or pair of pictures. */
export interface NlvrSample {
  /** `identifier` of the data: `test1-0-1-0` in NLVR2, `1304-0` in NLVR. */
  readonly id: string;
  readonly label: boolean;
  /** What the model says; null where it said neither true nor false, which is wrong. */
  readonly prediction: boolean | null;
  /** Names the statement, which several pictures share. Default {@link nlvr2Statement} of the id. */
  readonly statement?: string;
}

/** Fractions 0..1. */
export interface NlvrAccuracyResult {
  accuracy: number;
  /** Statements that were judged rightly for every picture, among all statements. */
  consistency: number;
  statements: number;
  /** 1 or 0 for every sample. */
  perSample: number[];
}

/** The statement of an NLVR2 identifier `split-set-pair-sentence`: without its picture pair. */
export function nlvr2Statement(identifier: string): string {
  const [split, set, , ...sentence] = identifier.split('-');
  return sentence.length === 0 ? identifier : [split, set, ...sentence].join('-');
}

/**
 * Accuracy and consistency on NLVR2 (Suhr et al., ACL 2019) and NLVR (ACL 2017).
 *
 * @throws EvaluationError if samples is empty or an id occurs twice
 */
export function nlvrAccuracy(samples: readonly NlvrSample[]): NlvrAccuracyResult {
  checkIds('nlvrAccuracy', samples);
  const statements = new Map<string, boolean>();
  const perSample = samples.map(({ id, label, prediction, statement }) => {
    if (statement !== undefined) checkText('nlvrAccuracy', id, 'statement', statement);
    const own = statement ?? nlvr2Statement(id);
    const right = prediction === label;
    statements.set(own, (statements.get(own) ?? true) && right);
    return right ? 1 : 0;
  });
  return {
    accuracy: mean(perSample),
    consistency: mean([...statements.values()].map(Number)),
    statements: statements.size,
    perSample,
  };
}
