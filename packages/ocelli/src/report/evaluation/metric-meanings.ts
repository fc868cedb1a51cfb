/** What a metric is, for a reader who never met it, by how its name begins. */
export const metricMeanings: readonly (readonly [name: string, meaning: string])[] = [
  ['exact match', 'Captions that equal a reference but for case, space and final punctuation.'],
  [
    'CIDEr',
    'Agreement with the references in runs of up to four words, rare ones weighing more; 0 to 10. Papers print it times 100.',
  ],
  ['BLEU-4', 'Shared runs of up to four words over the whole data; 0 to 1.'],
  ['ROUGE-L', 'Longest common sequence of words; 0 to 1.'],
  ['METEOR', 'Aligned words, their stems and synonyms, and how far their order is kept; 0 to 1.'],
  ['SPICE', 'Agreement in things, their properties and relations; 0 to 1.'],
  ['SPIDEr', 'Mean of CIDEr and SPICE.'],
  ['VQA accuracy', 'An answer that three of ten people gave is right; one that fewer gave is so in part.'],
];
