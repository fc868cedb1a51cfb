/** The special tokens of OPT, in the order of their ids; `</s>` begins and ends every text. */
export const specialTokens = ['<s>', '<pad>', '</s>', '<unk>', '</a>'] as const;

export const padId = 1;
/** `</s>`: begin and end of text alike, as in OPT. */
export const beginId = 2;
/** Stands between a question and its answer (Shukor et al. 2023, eP-ALM, use the same string). */
export const answerSeparator = '</a>';
