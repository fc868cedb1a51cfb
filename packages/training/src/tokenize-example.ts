/** What tokenising needs of a tokenizer. */
export interface TextTokenizer {
  /** The ids of a text, nothing added before or after it. */
  encode(text: string): ArrayLike<number>;
  /** The id of a token by its exact text, or undefined. */
  tokenId(token: string): number | undefined;
}

/** Ids that frame a text. */
export interface TextFrame {
  readonly beginId: number;
  readonly endId: number;
}

/** An example's ids and where its supervised part begins. */
export interface TokenizedExample {
  readonly ids: Int32Array;
  /** Index of the first id of the target: it and all after it are what a question's answer or a caption is. */
  readonly targetBegin: number;
}

/**
 * The ids that an answer is generated after: `</s>` and the prompt and a separator, which is `</a>` where the tokenizer
 * has that token and `</s>` where not; only `</s>` for an empty prompt (a caption). Space around the prompt is dropped,
 * as the tokenizer of the released models does beside a special token.
 */
export function promptTokens(tokenizer: TextTokenizer, frame: TextFrame, prompt: string): number[] {
  const text = prompt.trim();
  if (text === '') return [frame.beginId];
  return [frame.beginId, ...Array.from(tokenizer.encode(text)), tokenizer.tokenId('</a>') ?? frame.endId];
}

/** An example as it is trained on: the prompt's tokens, the target and `</s>`. */
export function tokenizeExample(
  tokenizer: TextTokenizer,
  frame: TextFrame,
  prompt: string,
  target: string,
): TokenizedExample {
  const before = promptTokens(tokenizer, frame, prompt);
  const text = target.trim();
  const after = text === '' ? [] : Array.from(tokenizer.encode(text));
  return { ids: Int32Array.from([...before, ...after, frame.endId]), targetBegin: before.length };
}
