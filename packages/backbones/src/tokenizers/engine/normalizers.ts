import { z } from 'zod';
import { toByteCharacters } from './byte-alphabet.js';
import { patternSchema } from './pattern.js';
import { PrecompiledCharsmap } from './precompiled-charsmap.js';

/** Changes a text before it is cut into tokens. */
export type Normalize = (text: string) => string;

const forms = ['NFC', 'NFD', 'NFKC', 'NFKD'] as const;
const ideograph =
  /[\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B81F}\u{2B920}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/gu;

const bert = z
  .strictObject({
    type: z.literal('BertNormalizer'),
    clean_text: z.boolean().default(true),
    handle_chinese_chars: z.boolean().default(true),
    strip_accents: z.boolean().nullish(),
    lowercase: z.boolean().default(true),
  })
  .transform((config): Normalize => {
    const stripsAccents = config.strip_accents ?? config.lowercase;
    return (text) => {
      let result = text;
      if (config.clean_text) {
        result = result
          .replace(/[\0\uFFFD]|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}]/gu, '')
          .replace(/\p{White_Space}/gu, ' ');
      }
      if (config.handle_chinese_chars) result = result.replace(ideograph, ' $& ');
      if (stripsAccents) result = result.normalize('NFD').replace(/\p{Mn}/gu, '');
      return config.lowercase ? lowercase(result) : result;
    };
  });

const strip = z
  .strictObject({ type: z.literal('Strip'), strip_left: z.boolean(), strip_right: z.boolean() })
  .transform(({ strip_left: left, strip_right: right }): Normalize => {
    return (text) => {
      const rest = left ? text.replace(/^\p{White_Space}+/u, '') : text;
      return right ? trimEnd(rest) : rest;
    };
  });

/** One normalizer of a `tokenizer.json`, made a function. */
export const normalizerSchema: z.ZodType<Normalize> = z.lazy(() =>
  z.discriminatedUnion('type', [
    bert,
    strip,
    z
      .strictObject({ type: z.literal('Sequence'), normalizers: z.array(normalizerSchema) })
      .transform(({ normalizers }): Normalize => {
        return (text) => normalizers.reduce((result, normalize) => normalize(result), text);
      }),
    z.strictObject({ type: z.literal('Replace'), pattern: patternSchema, content: z.string() }).transform(
      ({ pattern, content }): Normalize =>
        (text) =>
          text.replace(pattern, () => content),
    ),
    z.strictObject({ type: z.literal('Prepend'), prepend: z.string() }).transform(
      ({ prepend }): Normalize =>
        (text) =>
          text === '' ? text : prepend + text,
    ),
    z.strictObject({ type: z.enum(forms) }).transform(
      ({ type }): Normalize =>
        (text) =>
          text.normalize(type),
    ),
    z.strictObject({ type: z.literal('Lowercase') }).transform((): Normalize => lowercase),
    z.strictObject({ type: z.literal('ByteLevel') }).transform((): Normalize => toByteCharacters),
    z
      .strictObject({ type: z.literal('StripAccents') })
      .transform((): Normalize => (text) => text.replace(/\p{M}/gu, '')),
    z
      .strictObject({ type: z.literal('Precompiled'), precompiled_charsmap: z.base64() })
      .transform(({ precompiled_charsmap: table }, context): Normalize => {
        try {
          const charsmap = new PrecompiledCharsmap(Buffer.from(table, 'base64'));
          return (text) => charsmap.normalize(text);
        } catch (error) {
          context.addIssue((error as Error).message);
          return z.NEVER;
        }
      }),
  ]),
);

/** Character by character, so that no letter's form depends on its neighbours (a final sigma stays a sigma). */
function lowercase(text: string): string {
  return Array.from(text, (character) => character.toLowerCase()).join('');
}

/** A search for white space at the end would take quadratic time on long runs of it. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && /\p{White_Space}/u.test(text[end - 1]!)) end--;
  return text.slice(0, end);
}
