import * as library from '@huggingface/tokenizers';

/** What is used of `@huggingface/tokenizers`; its own declarations do not resolve under Node's module rules. */
interface Library {
  readonly BPE: new (config: {
    readonly type: 'BPE';
    readonly vocab: Readonly<Record<string, number>>;
    readonly merges: readonly string[] | readonly (readonly [string, string])[];
    readonly end_of_word_suffix?: string;
  }) => {
    /** The tokens that merging makes of a word. */
    bpe(word: string): string[];
  };
  readonly WordPiece: new (config: {
    readonly type: 'WordPiece';
    readonly vocab: Readonly<Record<string, number>>;
    readonly unk_token: string;
    readonly continuing_subword_prefix: string;
    readonly max_input_chars_per_word: number;
  }) => { encode(words: readonly string[]): string[] };
  readonly SplitPreTokenizer: new (config: {
    readonly type: 'Split';
    readonly pattern: { readonly Regex: string };
    readonly behavior: 'Isolated';
    readonly invert: false;
  }) => { readonly pattern: RegExp };
}

export const { BPE, WordPiece, SplitPreTokenizer } = library as unknown as Library;
