/**
 * Changes the scores of a sequence's next token in place: `[vocabulary]`, logits or log-probabilities. Definitions are
 * those of transformers' class that each maker names.
 *
 * @param text the ids so far, those of the prompt first.
 * @param newTokens how many of them are new.
 */
export type ScoreProcessor = (scores: Float32Array, text: readonly number[], newTokens: number) => void;

const never = Number.NEGATIVE_INFINITY;

/**
 * Divides the positive scores of tokens that the text holds by `penalty` and multiplies the negative ones: above 1
 * discourages repetition (Keskar et al. 2019, arXiv 1909.05858). `RepetitionPenaltyLogitsProcessor`.
 */
export function repetitionPenalty(penalty: number): ScoreProcessor {
  return (scores, text) => {
    for (const id of new Set(text)) {
      const score = scores[id]!;
      scores[id] = score < 0 ? score * penalty : score / penalty;
    }
  };
}

/** Forbids tokens that would end an n-gram that the text already holds. `NoRepeatNGramLogitsProcessor`. */
export function noRepeatNgrams(size: number): ScoreProcessor {
  return (scores, text) => {
    const last = text.length - (size - 1); // where the n-gram to come begins
    for (let begin = 0; begin < last; begin++) {
      let same = 0;
      while (same < size - 1 && text[begin + same] === text[last + same]) same++;
      if (same === size - 1) scores[text[begin + same]!] = never;
    }
  };
}

/** Forbids these sequences of ids; an end id alone stays allowed. `NoBadWordsLogitsProcessor`. */
export function badWords(words: readonly (readonly number[])[], endIds: ReadonlySet<number>): ScoreProcessor {
  const kept = words.filter((word) => word.length > 1 || !endIds.has(word[0]!));
  return (scores, text) => {
    for (const word of kept) {
      const begin = text.length - (word.length - 1);
      if (begin < 0 || word.some((id, i) => i < word.length - 1 && id !== text[begin + i])) continue;
      scores[word.at(-1)!] = never;
    }
  };
}

/** Forbids end ids before so many new tokens. `MinNewTokensLengthLogitsProcessor`. */
export function minNewTokens(count: number, endIds: ReadonlySet<number>): ScoreProcessor {
  return (scores, _, newTokens) => {
    if (newTokens < count) for (const id of endIds) scores[id] = never;
  };
}

/** Forbids these tokens. `SuppressTokensLogitsProcessor`. */
export function suppressedTokens(ids: readonly number[]): ScoreProcessor {
  return (scores) => {
    for (const id of ids) scores[id] = never;
  };
}

interface TrieNode {
  readonly children: Map<number, TrieNode>;
  isAnswer: boolean;
}

/**
 * Lets nothing through but the new tokens of one of these answers and then an end id.
 * `PrefixConstrainedLogitsProcessor` with the trie of the answers.
 */
export function onlyAnswers(
  answers: readonly (readonly number[])[],
  endIds: ReadonlySet<number>,
): ScoreProcessor {
  const root: TrieNode = { children: new Map(), isAnswer: false };
  for (const answer of answers) {
    let node = root;
    for (const id of answer) {
      const child = node.children.get(id) ?? { children: new Map(), isAnswer: false };
      node.children.set(id, child);
      node = child;
    }
    node.isAnswer = true;
  }
  return (scores, text, newTokens) => {
    let node: TrieNode | undefined = root;
    for (let i = text.length - newTokens; node && i < text.length; i++) node = node.children.get(text[i]!);
    const allowed = [...(node?.children.keys() ?? []), ...(node?.isAnswer ? endIds : [])];
    const kept = allowed.map((id) => scores[id]!);
    scores.fill(never);
    for (const [i, id] of allowed.entries()) scores[id] = kept[i]!;
  };
}
