import { z } from 'zod';
import { fromByteCharacters } from './byte-alphabet.js';
import { patternSchema } from './pattern.js';

/** Changes the tokens of a text so that, side by side, they are the text. */
export type DecodeTokens = (tokens: readonly string[]) => string[];

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const strictUtf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

const metaspace = z
  .strictObject({
    type: z.literal('Metaspace'),
    replacement: z.string().regex(/^.$/u).default('▁'),
    prepend_scheme: z.enum(['always', 'first', 'never']).optional(),
    add_prefix_space: z.boolean().optional(),
    split: z.boolean().optional(),
    str_rep: z.string().optional(),
  })
  .transform(({ replacement, prepend_scheme: given, add_prefix_space: adds }): DecodeTokens => {
    const isPrepended = (given ?? (adds === false ? 'never' : 'always')) !== 'never';
    return (tokens) =>
      tokens.map((token, index) => token.replaceAll(replacement, index === 0 && isPrepended ? '' : ' '));
  });

const strip = z
  .strictObject({
    type: z.literal('Strip'),
    content: z.string().regex(/^.$/su),
    start: z.number().int().min(0),
    stop: z.number().int().min(0),
  })
  .transform(({ content, start, stop }): DecodeTokens => {
    return (tokens) =>
      tokens.map((token) => {
        const characters = Array.from(token);
        let from = 0;
        while (from < start && characters[from] === content) from++;
        let to = characters.length;
        while (characters.length - to < stop && characters[to - 1] === content) to--;
        return characters.slice(from, to).join('');
      });
  });

const wordPiece = z
  .strictObject({ type: z.literal('WordPiece'), prefix: z.string(), cleanup: z.boolean().default(true) })
  .transform(({ prefix, cleanup }): DecodeTokens => {
    return (tokens) =>
      tokens.map((token, index) => {
        const continues = token.startsWith(prefix);
        const text = index === 0 ? token : continues ? token.slice(prefix.length) : ` ${token}`;
        return cleanup ? cleanUpSpaces(text.replaceAll(' do not', " don't")) : text;
      });
  });

/** One decoder of a `tokenizer.json`, made a function. */
export const decoderSchema: z.ZodType<DecodeTokens> = z.lazy(() =>
  z.discriminatedUnion('type', [
    metaspace,
    strip,
    wordPiece,
    z
      .strictObject({
        type: z.literal('ByteLevel'),
        add_prefix_space: z.boolean().optional(),
        trim_offsets: z.boolean().optional(),
        use_regex: z.boolean().optional(),
      })
      .transform((): DecodeTokens => {
        return (tokens) => [
          utf8.decode(Uint8Array.from(tokens.flatMap((token) => [...fromByteCharacters(token)]))),
        ];
      }),
    z
      .strictObject({ type: z.literal('Sequence'), decoders: z.array(decoderSchema) })
      .transform(({ decoders }): DecodeTokens => {
        return (tokens) => decoders.reduce((result, decode) => decode(result), [...tokens]);
      }),
    z
      .strictObject({ type: z.literal('Replace'), pattern: patternSchema, content: z.string() })
      .transform(({ pattern, content }): DecodeTokens => {
        return (tokens) => tokens.map((token) => token.replace(pattern, () => content));
      }),
    z
      .strictObject({ type: z.literal('BPEDecoder'), suffix: z.string().min(1).default('</w>') })
      .transform(({ suffix }): DecodeTokens => {
        return (tokens) =>
          tokens.map((token, index) => token.replaceAll(suffix, index === tokens.length - 1 ? '' : ' '));
      }),
    z.strictObject({ type: z.literal('Fuse') }).transform((): DecodeTokens => (tokens) => [tokens.join('')]),
    z.strictObject({ type: z.literal('ByteFallback') }).transform((): DecodeTokens => joinBytes),
  ]),
);

/** Takes the tokens of bytes together; if they are no UTF-8, each becomes a replacement character. */
function joinBytes(tokens: readonly string[]): string[] {
  const result: string[] = [];
  let bytes: number[] = [];
  const flush = (): void => {
    try {
      if (bytes.length > 0) result.push(strictUtf8.decode(Uint8Array.from(bytes)));
    } catch {
      result.push(...bytes.map(() => '\uFFFD'));
    }
    bytes = [];
  };
  for (const token of tokens) {
    const [, digits] = /^<0x([0-9A-Fa-f]{2})>$/.exec(token) ?? [];
    if (digits !== undefined) bytes.push(Number.parseInt(digits, 16));
    else {
      flush();
      result.push(token);
    }
  }
  flush();
  return result;
}

/** Takes away the spaces that stand before English marks and shortened words once tokens are joined with spaces. */
export function cleanUpSpaces(text: string): string {
  const replacements = [' .', ' ?', ' !', ' ,', " ' ", " n't", " 'm", " 's", " 've", " 're"];
  return replacements.reduce((result, spaced) => result.replaceAll(spaced, spaced.trim()), text);
}
