import { z } from 'zod';

const fraction = z.number().min(0).max(1);
const percent = z.number().min(0).max(100);

/** Scores of one method on one split: the mean over seeds. */
export const methodResultSchema = z.object({
  trainableParameters: z.number().int().nonnegative(),
  /** Of all parameters, frozen ones included. */
  trainablePercent: percent,
  exactMatch: fraction,
  cider: z.number().min(0).max(10),
  bleu4: fraction,
  rougeL: fraction,
  vqaAccuracy: percent,
  secondsToTrain: z.number().nonnegative(),
  objectNamed: fraction,
  /** VQA accuracy in percent. */
  perQuestionType: z.record(z.string(), percent),
});

/** `result.json` of the demo. */
export const demoResultSchema = z.object({
  splits: z.record(z.string(), z.record(z.string(), methodResultSchema)),
  modality: z.enum(['image', 'video', 'audio']),
  /**
   * By split: what the majority answer scores, in percent by type of question, what eP-ALM scores that is given nothing,
   * and where samples move, eP-ALM that is given a single frame.
   */
  floors: z.object({
    majority: z.record(z.string(), z.record(z.string(), percent)),
    blind: z.record(z.string(), methodResultSchema),
    singleFrame: z.record(z.string(), methodResultSchema),
  }),
  /** By split: fractions that a linear probe on the same frozen features gets right. */
  ceiling: z.record(z.string(), z.record(z.string(), fraction)),
  /** The seeds that the numbers are means of. */
  seeds: z.array(z.number().int()),
  /** Scores of each seed, in the same form as `splits`. */
  perSeed: z.array(z.record(z.string(), z.record(z.string(), methodResultSchema))),
  settings: z.unknown(),
  environment: z.object({
    ocelli: z.string(),
    node: z.string(),
    platform: z.string(),
    processor: z.string(),
    cores: z.number().int(),
    isa: z.string(),
    threads: z.number().int(),
    encoderParameters: z.number().int(),
    languageModelParameters: z.number().int(),
    encoderFingerprint: z.string(),
    languageModelFingerprint: z.string(),
    /** When the run ended. */
    date: z.string(),
    seconds: z.record(z.string(), z.number()),
  }),
  units: z.record(z.string(), z.string()),
});

export type MethodResult = z.infer<typeof methodResultSchema>;
export type DemoResult = z.infer<typeof demoResultSchema>;

/** What the numbers of `result.json` are measured in. */
export const resultUnits: Readonly<Record<string, string>> = {
  exactMatch: 'fraction 0..1 of captions that equal a reference',
  objectNamed: 'fraction 0..1 of captions that name the right thing',
  cider: '0..10, as the original code returns it',
  bleu4: 'fraction 0..1',
  rougeL: 'fraction 0..1',
  vqaAccuracy: 'percent 0..100 over all questions',
  perQuestionType: 'VQA accuracy, percent 0..100',
  trainablePercent: 'percent of all parameters, frozen ones included',
  secondsToTrain: 'seconds of training steps; features are encoded once for all methods',
  ceiling: 'fraction 0..1 of samples; together: all facts right',
};

/** The mean of several seeds' results of one method. */
export function meanResult(results: readonly MethodResult[]): MethodResult {
  const mean = (of: (result: MethodResult) => number): number =>
    results.reduce((sum, result) => sum + of(result), 0) / results.length;
  const [first] = results as [MethodResult];
  return {
    trainableParameters: first.trainableParameters,
    trainablePercent: first.trainablePercent,
    exactMatch: mean((r) => r.exactMatch),
    cider: mean((r) => r.cider),
    bleu4: mean((r) => r.bleu4),
    rougeL: mean((r) => r.rougeL),
    vqaAccuracy: mean((r) => r.vqaAccuracy),
    secondsToTrain: mean((r) => r.secondsToTrain),
    objectNamed: mean((r) => r.objectNamed),
    perQuestionType: Object.fromEntries(
      Object.keys(first.perQuestionType).map((type) => [type, mean((r) => r.perQuestionType[type]!)]),
    ),
  };
}
