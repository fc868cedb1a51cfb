/** When a search ends and how it scores. */
export interface SearchSettings {
  readonly maxNewTokens: number;
  /** A sequence scores sum of log-probabilities / length^lengthPenalty; the length counts new tokens with the end id. */
  readonly lengthPenalty: number;
  /** Tokens that end a sequence. */
  readonly endIds: ReadonlySet<number>;
}

/** What a search found. */
export interface GeneratedSequence {
  /** New tokens, the end id among them if the sequence ended. */
  readonly ids: number[];
  /** Sum of their log-probabilities / length^lengthPenalty. */
  readonly score: number;
}

/** The decoding of one prompt: it knows tokens and probabilities, and nothing of models and tensors. */
export interface Search {
  /** Sequences to run the model on before the next step; 0 once the search is over. */
  readonly width: number;
  /** Which sequence of the step before each of them continues: `[width]`. */
  readonly parents: readonly number[];
  /** The last token of each: `[width]`. */
  readonly tokens: readonly number[];
  /** The best sequence so far. */
  readonly best: GeneratedSequence;
  /** Takes a step with the log-probabilities of each sequence's next token, `[width, vocabulary]`. */
  advance(logProbabilities: Float32Array): void;
}
