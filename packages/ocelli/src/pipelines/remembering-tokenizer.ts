import type { TextTokenizer } from '@ocelli/training';

/** The same tokenizer with a memory: the questions of a data set repeat, and several trainings read the same texts. */
export function rememberingTokenizer(tokenizer: TextTokenizer): TextTokenizer {
  const known = new Map<string, ArrayLike<number>>();
  return {
    idOf: (token) => tokenizer.idOf(token),
    encode(text, options) {
      if (options.addSpecialTokens) return tokenizer.encode(text, options);
      let ids = known.get(text);
      if (ids === undefined) {
        ids = tokenizer.encode(text, options);
        known.set(text, ids);
      }
      return ids;
    },
  };
}
