import type { NextScores } from './next-scores.js';
import type { ScoreProcessor } from './score-processors.js';

/** What the searches of all prompts share: when they end, what they may choose and how they score. */
export interface SearchSettings {
  readonly maxNewTokens: number;
  /** A sequence scores sum of log-probabilities / length^lengthPenalty; the length counts new tokens with the end id. */
  readonly lengthPenalty: number;
  /** Tokens that end a sequence. */
  readonly endIds: ReadonlySet<number>;
  /** Whether new tokens end for another reason: they hold a stop string. */
  readonly stops: (ids: readonly number[]) => boolean;
  /** Whether scores come as log-probabilities; else as logits. */
  readonly normalized: boolean;
  /** So many of a row's best scores are enough for a step; undefined if it takes them all. */
  readonly best?: number | undefined;
  /** What changes scores before a token is chosen, in this order. */
  readonly processors: readonly ScoreProcessor[];
}

/** What a search found. */
export interface GeneratedSequence {
  /** New tokens, the end id among them if the sequence ended. */
  readonly ids: number[];
  /**
   * Sum of their log-probabilities / length^lengthPenalty: the model's own in greedy decoding and sampling, those after
   * penalties and prohibitions in beam search.
   */
  readonly score: number;
  /** With stop strings only: the text of the new tokens without special ones, up to the first stop string. */
  readonly text?: string;
}

/** The decoding of one prompt: it knows tokens and probabilities, and nothing of models and tensors. */
export interface Search {
  /** Sequences to run the model on before the next step; 0 once the search is over. */
  readonly width: number;
  /** Which sequence of the step before each of them continues: `[width]`. */
  readonly parents: readonly number[];
  /** The last token of each: `[width]`. */
  readonly tokens: readonly number[];
  /** The sequences so far, the best first or in the order of samples. */
  readonly results: readonly GeneratedSequence[];
  /** Takes a step with the scores of each sequence's next token, of `width` rows, which it may overwrite. */
  advance(scores: NextScores): void;
}
