import { Tokenizer } from '@huggingface/tokenizers';
import { Random } from '@ocelli/emoji-scenes';
import { contextTexts, type LearntText, plainText, type Sources } from '../text/documents.js';
import { bytePieces } from './byte-level.js';
import { answerSeparator, specialTokens } from './special-tokens.js';
import { type TokenizerFiles, tokenizerFiles } from './tokenizer-files.js';
import { trainBytePairEncoding } from './train-byte-pair-encoding.js';

/** Texts that the byte pairs are counted in. */
const sampledTexts = 60_000;

/** How often each piece occurs in a sample of the text that the model is trained on. */
function countPieces(sources: Sources, seed: number): Map<string, number> {
  const counts = new Map<string, number>();
  const random = new Random(`${seed}/tokenizer`);
  const count = (text: string) => {
    for (const part of text.split(answerSeparator)) {
      for (const piece of bytePieces(` ${part}`)) counts.set(piece, (counts.get(piece) ?? 0) + 1);
    }
  };
  const countText = ({ context = '', prompt, target }: LearntText) => {
    count(context);
    count(prompt + target);
  };
  for (let i = 0; i < sampledTexts; i++) {
    if (i % 2 === 0) {
      countText(plainText(sources, random));
    } else {
      const { context, texts } = contextTexts(sources, random, { questions: 1, presenceQuestions: 0 });
      count(context);
      texts.forEach(countText);
    }
  }
  return counts;
}

/** Learns a tokenizer with `vocabularySize` tokens, special ones included, from the training text. */
export function makeTokenizerFiles(
  sources: Sources,
  options: { readonly seed: number; readonly vocabularySize: number; readonly maxPositions: number },
): TokenizerFiles {
  const counts = countPieces(sources, options.seed);
  const merges = trainBytePairEncoding(counts, options.vocabularySize - specialTokens.length);
  return tokenizerFiles(merges, options.maxPositions);
}

/** Token ids of a text, without the `</s>` that `encode` would put in front. */
export type EncodeText = (text: string) => number[];

/** A tokenizer, and a function that encodes with it. */
export interface OpenTokenizer {
  readonly tokenizer: Tokenizer;
  readonly encode: EncodeText;
}

/** A tokenizer that is ready to use. */
export function openTokenizer(files: TokenizerFiles): OpenTokenizer {
  const tokenizer = new Tokenizer(files.tokenizer, files.config);
  return { tokenizer, encode: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids };
}
