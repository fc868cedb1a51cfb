/** What a metric is, for a reader who never met it, by how its name begins. */
export const metricMeanings: readonly (readonly [name: string, meaning: string])[] = [
  [
    'exact match',
    'Texts that equal what a person said but for case, space and punctuation; of answers, articles too.',
  ],
  [
    'CIDEr',
    'Agreement with the references in runs of up to four words, rare ones weighing more; 0 to 10. Papers print it times 100.',
  ],
  ['BLEU-', 'Shared runs of up to so many words over the whole data; 0 to 1.'],
  ['ROUGE-L', 'Longest common sequence of words; 0 to 1.'],
  ['METEOR', 'Aligned words, their stems and synonyms, and how far their order is kept; 0 to 1.'],
  ['SPICE', 'Agreement in things, their properties and relations; 0 to 1.'],
  ['SPIDEr', 'Mean of CIDEr and SPICE.'],
  ['VQA accuracy', 'An answer that three of ten people gave is right; one that fewer gave is so in part.'],
  ['multiple choice', 'Answers that are nearest to the right one of the choices.'],
  ['ScienceQA accuracy', 'Answers that name the right choice.'],
  ['A-OKVQA direct answer', 'As VQA accuracy, of questions that have an answer in words.'],
  ['A-OKVQA multiple choice', 'Answers that name the right one of four choices.'],
  ['NLVR accuracy', 'Sentences rightly said to be true or false.'],
  ['NLVR consistency', 'Sentences that are judged rightly with every picture they stand beside.'],
  ['POPE accuracy', 'Right answers to whether a thing is there.'],
  ['POPE precision', 'Of the things said to be there, those that are.'],
  ['POPE recall', 'Of the things that are there, those said to be.'],
  ['POPE F1', 'Harmonic mean of precision and recall.'],
  ['answered with yes', 'Who says yes to everything invents things.'],
  [
    'CHAIR',
    'Things that captions name and that are not there, by thing (i) or by caption (s); less is better.',
  ],
];
