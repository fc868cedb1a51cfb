import { z } from 'zod';
import { toByteCharacters } from './byte-alphabet.js';
import { numeric, patternSchema, punctuation, segments, whiteSpace } from './pattern.js';

/** A part of a text, and whether it begins it. */
export interface Piece {
  readonly text: string;
  readonly isStart: boolean;
}

/** Cuts pieces further, to those that the model sees one by one. */
export type PreTokenize = (pieces: readonly Piece[]) => Piece[];

const behaviors = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'] as const;
type Behavior = (typeof behaviors)[number];

const gpt2 =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;
const words =
  /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}\p{White_Space}]+/gu;

const byteLevel = z
  .strictObject({
    type: z.literal('ByteLevel'),
    add_prefix_space: z.boolean().default(true),
    trim_offsets: z.boolean().optional(), // of offsets only
    use_regex: z.boolean().default(true),
  })
  .transform(({ add_prefix_space: addSpace, use_regex: splits }): PreTokenize => {
    return (pieces) => {
      const spaced = addSpace ? pieces.map((piece) => prefix(piece, ' ')) : [...pieces];
      const parts = splits ? cut(spaced, gpt2, 'Isolated') : spaced;
      return parts.map(({ text, isStart }) => ({ text: toByteCharacters(text), isStart }));
    };
  });

const metaspace = z
  .strictObject({
    type: z.literal('Metaspace'),
    replacement: z.string().regex(/^.$/u).default('▁'),
    prepend_scheme: z.enum(['always', 'first', 'never']).optional(),
    split: z.boolean().default(true),
    add_prefix_space: z.boolean().optional(), // before prepend_scheme
    str_rep: z.string().optional(), // the replacement again
  })
  .transform(({ replacement, split, prepend_scheme: given, add_prefix_space: adds }): PreTokenize => {
    const scheme = given ?? (adds === false ? 'never' : 'always');
    const next = new RegExp(replacement.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gu');
    return (pieces) => {
      const marked = pieces.map(({ text, isStart }) => {
        const piece = { text: text.replaceAll(' ', replacement), isStart };
        return scheme === 'always' || (scheme === 'first' && isStart) ? prefix(piece, replacement) : piece;
      });
      return split ? cut(marked, next, 'MergedWithNext') : marked;
    };
  });

/** One pre-tokenizer of a `tokenizer.json`, made a function. */
export const preTokenizerSchema: z.ZodType<PreTokenize> = z.lazy(() =>
  z.discriminatedUnion('type', [
    byteLevel,
    metaspace,
    z
      .strictObject({ type: z.literal('Sequence'), pretokenizers: z.array(preTokenizerSchema) })
      .transform(({ pretokenizers }): PreTokenize => {
        return (pieces) => pretokenizers.reduce((result, apply) => apply(result), [...pieces]);
      }),
    z
      .strictObject({
        type: z.literal('Split'),
        pattern: patternSchema,
        behavior: z.enum(behaviors),
        invert: z.boolean().default(false),
      })
      .transform(({ pattern, behavior, invert }): PreTokenize => {
        return (pieces) => cut(pieces, pattern, behavior, invert);
      }),
    z
      .strictObject({ type: z.literal('WhitespaceSplit') })
      .transform((): PreTokenize => (pieces) => cut(pieces, whiteSpace, 'Removed')),
    z
      .strictObject({ type: z.literal('Whitespace') })
      .transform((): PreTokenize => (pieces) => cut(pieces, words, 'Removed', true)),
    z.strictObject({ type: z.literal('BertPreTokenizer') }).transform((): PreTokenize => {
      return (pieces) => cut(cut(pieces, whiteSpace, 'Removed'), punctuation, 'Isolated');
    }),
    z
      .strictObject({ type: z.literal('Punctuation'), behavior: z.enum(behaviors).default('Isolated') })
      .transform(
        ({ behavior }): PreTokenize =>
          (pieces) =>
            cut(pieces, punctuation, behavior),
      ),
    z
      .strictObject({ type: z.literal('Digits'), individual_digits: z.boolean().default(false) })
      .transform(({ individual_digits: single }): PreTokenize => {
        return (pieces) => cut(pieces, numeric, single ? 'Isolated' : 'Contiguous');
      }),
  ]),
);

function prefix({ text, isStart }: Piece, mark: string): Piece {
  return { text: text.startsWith(mark) ? text : mark + text, isStart };
}

/** Cuts pieces at the matches of a pattern (with `invert`, at what lies between them). */
function cut(pieces: readonly Piece[], pattern: RegExp, behavior: Behavior, invert = false): Piece[] {
  return pieces.flatMap((piece) => {
    const parts = segments(piece.text, pattern).map(({ text, matches }) => ({
      text,
      matches: matches !== invert,
    }));
    let position = 0;
    return joined(parts, behavior).flatMap(({ text, isKept }) => {
      const isStart = piece.isStart && position === 0;
      position += text.length;
      return isKept && text !== '' ? [{ text, isStart }] : [];
    });
  });
}

interface Part {
  readonly text: string;
  readonly matches: boolean;
}

function joined(parts: readonly Part[], behavior: Behavior): { text: string; isKept: boolean }[] {
  if (behavior === 'Removed') return parts.map(({ text, matches }) => ({ text, isKept: !matches }));
  if (behavior === 'Isolated') return parts.map(({ text }) => ({ text, isKept: true }));
  const result: { text: string; isKept: true }[] = [];
  for (const [index, part] of parts.entries()) {
    const before = parts[index - 1];
    const joins =
      before !== undefined &&
      {
        Contiguous: before.matches === part.matches,
        MergedWithPrevious: part.matches && !before.matches,
        MergedWithNext: before.matches && !part.matches,
      }[behavior];
    if (joins) result[result.length - 1]!.text += part.text;
    else result.push({ text: part.text, isKept: true });
  }
  return result;
}
