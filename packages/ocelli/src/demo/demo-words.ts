import type { ReportMetric } from '../report/index.js';

interface MethodWords {
  readonly label: string;
  readonly description: string;
  readonly highlighted?: boolean;
}

/** How the report calls the methods. */
export const methodWords: Readonly<Record<string, MethodWords>> = {
  epalm: {
    label: 'eP-ALM',
    description:
      'The [CLS] tokens of the last blocks, each through a linear of its own, injected into every layer above the first, and one soft token.',
    highlighted: true,
  },
  'epalm-shared': {
    label: 'eP-ALM, shared',
    description: 'One linear for all [CLS] tokens, and one soft token.',
    highlighted: true,
  },
  'epalm-prompt-10': {
    label: 'eP-ALM, ten soft tokens',
    description: 'Separate linears and ten soft tokens.',
    highlighted: true,
  },
  'epalm-shared-prompt-10': {
    label: 'eP-ALM, shared, ten soft tokens',
    description: 'One linear for all [CLS] tokens and ten soft tokens.',
    highlighted: true,
  },
  limber: {
    label: 'LiMBeR(1)',
    description: 'One linear puts the last [CLS] token before the text.',
  },
  'limber-all': {
    label: 'LiMBeR',
    description: 'One linear puts every token of the last block before the text.',
  },
  promptfuse: {
    label: 'PromptFuse',
    description:
      'The last [CLS] token before the text through a fixed random linear; ten soft tokens are trained.',
  },
  magma: {
    label: 'MAGMA',
    description: 'A linear prefix, and bottleneck adapters after every feed-forward of the language model.',
  },
};

/** The columns of the results. */
export const metricWords: readonly ReportMetric[] = [
  {
    name: 'exactMatch',
    label: 'Exact match',
    description: 'Captions that equal one of the five references, in percent.',
    unit: 'percent',
  },
  {
    name: 'objectNamed',
    label: 'Object named',
    description: 'Captions that name the right thing, in percent.',
    unit: 'percent',
  },
  {
    name: 'cider',
    label: 'CIDEr',
    description: 'Agreement with the references, rare words weighing more; 0 to 10.',
    digits: 2,
  },
  {
    name: 'bleu4',
    label: 'BLEU-4',
    description: 'Shared runs of up to four words; 0 to 1.',
    digits: 3,
  },
  {
    name: 'rougeL',
    label: 'ROUGE-L',
    description: 'Longest common sequence of words; 0 to 1.',
    digits: 3,
  },
  {
    name: 'vqaAccuracy',
    label: 'Answers',
    description: 'VQA accuracy over five types of questions, in percent.',
    unit: 'percent',
  },
];
