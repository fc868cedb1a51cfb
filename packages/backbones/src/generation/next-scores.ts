/** Scores of the next token of some rows: of the whole vocabulary, or of each row's best tokens. */
export interface NextScores {
  /** `[rows, width]`. */
  readonly values: Float32Array;
  /** Numbers of a row. */
  readonly width: number;
  /** Whose scores they are, `[rows, width]`, the best first and -1 where there are none; null if column i is token i. */
  readonly ids: Int32Array | null;
}

/** Scores of whole vocabularies, `[rows, vocabulary]`. */
export function allScores(values: Float32Array, vocabulary: number): NextScores {
  return { values, width: vocabulary, ids: null };
}

/** Rows `begin` to `end`, in the same memory. */
export function rowsOf({ values, width, ids }: NextScores, begin: number, end: number): NextScores {
  return {
    values: values.subarray(begin * width, end * width),
    width,
    ids: ids ? ids.subarray(begin * width, end * width) : null,
  };
}
