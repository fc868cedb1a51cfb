import type { ReportCredit, ReportMetric, ReportSplit } from '../report/index.js';

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

/** The held-out splits. */
export const splitWords: Readonly<Record<string, ReportSplit>> = {
  'unseen-artist': {
    name: 'unseen-artist',
    label: 'Unseen artist',
    description: "Both of Microsoft's sets: no backbone, no adapter and no choice of settings ever saw them.",
  },
  'unseen-pair': {
    name: 'unseen-pair',
    label: 'Unseen pairs',
    description:
      'Known artists, but combinations of object and count or background that training never shows.',
  },
  validation: {
    name: 'validation',
    label: 'Validation artist',
    description: 'Emoji One, on which settings were chosen.',
  },
};

/** What a person would ask, by type of question. */
export const questionWords: Readonly<Record<string, string>> = {
  object: 'What is in the picture?',
  count: 'How many things are there?',
  colour: 'Which colour is the background?',
  kind: 'What kind of thing is it?',
  presence: 'Is there ...?',
};

/** Whose drawings and words the demo shows. */
export const demoCredits: readonly ReportCredit[] = [
  {
    name: 'Noto Emoji',
    author: 'Google',
    licence: 'Apache-2.0',
    url: 'https://github.com/googlefonts/noto-emoji',
  },
  { name: 'Twemoji', author: 'Twitter', licence: 'CC BY 4.0', url: 'https://github.com/twitter/twemoji' },
  { name: 'OpenMoji', author: 'OpenMoji', licence: 'CC BY-SA 4.0', url: 'https://openmoji.org' },
  {
    name: 'Emoji One',
    author: 'Emoji One',
    licence: 'CC BY 4.0, v1 CC BY-SA 4.0',
    url: 'https://github.com/EmojiTwo/emojitwo',
  },
  { name: 'FxEmoji', author: 'Mozilla', licence: 'Apache-2.0', url: 'https://github.com/mozilla/fxemoji' },
  {
    name: 'Fluent Emoji',
    author: 'Microsoft',
    licence: 'MIT',
    url: 'https://github.com/microsoft/fluentui-emoji',
  },
  { name: 'CLDR', author: 'Unicode', licence: 'Unicode-3.0', url: 'https://cldr.unicode.org' },
  {
    name: 'eP-ALM',
    author: 'Shukor, Dancette, Cord 2023',
    licence: 'paper',
    url: 'https://arxiv.org/abs/2303.11403',
  },
];
