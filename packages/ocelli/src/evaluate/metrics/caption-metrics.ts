import {
  type CaptionEvaluation,
  type CaptionSample,
  type CaptionScores,
  chair,
  chairSums,
  type IntervalOptions,
} from '@ocelli/evaluation';
import { metricOf, type NamedMetric } from './named-metric.js';

const scores = {
  'exact-match': ['exactMatch', 'exact match', 'share'],
  cider: ['cider', 'CIDEr', 'number'],
  bleu1: ['bleu1', 'BLEU-1', 'number'],
  bleu2: ['bleu2', 'BLEU-2', 'number'],
  bleu3: ['bleu3', 'BLEU-3', 'number'],
  bleu4: ['bleu4', 'BLEU-4', 'number'],
  'rouge-l': ['rougeL', 'ROUGE-L', 'number'],
  meteor: ['meteor', 'METEOR', 'number'],
  spice: ['spice', 'SPICE', 'number'],
  spider: ['spider', 'SPIDEr', 'number'],
} as const satisfies Record<string, readonly [keyof CaptionScores, string, NamedMetric['unit']]>;

/** What `--metrics` knows of captions. */
export const captionMetricIds: readonly string[] = [...Object.keys(scores), 'chair'];

/** What is shown unless others are asked for; SPICE and SPIDEr where there is SPICE. */
const usual = ['exact-match', 'cider', 'bleu4', 'rouge-l', 'meteor', 'spice', 'spider'];

/** The scores of captions by name. @param ids which; default the usual ones. */
export function captionMetrics(
  evaluation: CaptionEvaluation,
  samples: readonly CaptionSample[],
  ids: readonly string[] | undefined,
  intervals: IntervalOptions | undefined,
): NamedMetric[] {
  return (ids ?? usual).flatMap((id): NamedMetric[] => {
    if (id === 'chair') return chairMetrics(samples, intervals);
    const found = scores[id as keyof typeof scores];
    if (!found) return [];
    const [key, name, unit] = found;
    const value = evaluation[key];
    if (value === undefined) return [];
    const interval = evaluation.intervals?.[key];
    return [
      {
        name: key === 'meteor' ? evaluation.meteorName : name,
        of: 'captions',
        value,
        unit,
        count: evaluation.count,
        ...(interval && { interval }),
      },
    ];
  });
}

/** Things of COCO that a caption names and no person does. */
function chairMetrics(
  samples: readonly CaptionSample[],
  intervals: IntervalOptions | undefined,
): NamedMetric[] {
  const result = chair(samples.map((sample) => ({ ...sample, objects: [] })));
  const names = {
    chairI: 'CHAIRi, by captions',
    chairS: 'CHAIRs, by captions',
    recall: 'recall of things',
  } as const;
  return (Object.keys(names) as (keyof typeof names)[]).map((score) =>
    metricOf({ name: names[score], of: 'captions', unit: 'share' }, chairSums(result, score), intervals),
  );
}
