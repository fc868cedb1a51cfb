import { OcelliError } from '@ocelli/ops';

/** What tokenising needs of a tokenizer; `Tokenizer` of `@ocelli/backbones` is one. */
export interface TextTokenizer {
  /** The ids of a text; nothing is added around it with `addSpecialTokens: false`. */
  encode(text: string, options: { readonly addSpecialTokens: boolean }): ArrayLike<number>;
  /** The id of a token by its exact text; throws an `OcelliError` if there is none. */
  idOf(token: string): number;
}

/** Ids that frame a prompt and its answer. */
export interface TextFrame {
  readonly beginId: number;
  /** Between a prompt and its answer. */
  readonly separatorId: number;
  readonly endId: number;
}

/** An example's ids and where its supervised part begins. */
export interface TokenizedExample {
  readonly ids: Int32Array;
  /** Index of the target's first id: from there on it is an answer or a caption, and its end. */
  readonly targetBegin: number;
}

/**
 * The frame for a language model: its own begin and end, and between prompt and answer the separator if the tokenizer has
 * that token, else the end.
 *
 * @param separator default `</a>`, as in eP-ALM's released models.
 */
export function textFrame(
  tokenizer: TextTokenizer,
  languageModel: { readonly beginId: number; readonly endId: number },
  separator = '</a>',
): TextFrame {
  const { beginId, endId } = languageModel;
  try {
    return { beginId, separatorId: tokenizer.idOf(separator), endId };
  } catch (error) {
    if (!OcelliError.isInstance(error)) throw error;
    return { beginId, separatorId: endId, endId };
  }
}

/**
 * The ids that an answer is generated after: begin, prompt and separator; only the begin for an empty prompt, which asks
 * for a caption. Space around the prompt is dropped, as the released models' tokenizer does beside a special token.
 */
export function promptTokens(tokenizer: TextTokenizer, frame: TextFrame, prompt: string): number[] {
  const ids = encode(tokenizer, prompt);
  return ids.length === 0 ? [frame.beginId] : [frame.beginId, ...ids, frame.separatorId];
}

/** An example as it is trained on: the prompt's tokens, the target and the end. */
export function tokenizeExample(
  tokenizer: TextTokenizer,
  frame: TextFrame,
  prompt: string,
  target: string,
): TokenizedExample {
  const before = promptTokens(tokenizer, frame, prompt);
  return {
    ids: Int32Array.from([...before, ...encode(tokenizer, target), frame.endId]),
    targetBegin: before.length,
  };
}

function encode(tokenizer: TextTokenizer, text: string): number[] {
  const trimmed = text.trim();
  return trimmed === '' ? [] : Array.from(tokenizer.encode(trimmed, { addSpecialTokens: false }));
}
