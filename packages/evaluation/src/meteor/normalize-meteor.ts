// What METEOR 1.5 does to a line under `-norm`: the tokenizer of Moses with quotes and dashes made alike. Captions
// come in lower case, so of Moses's list of abbreviations only those that it has in lower case are here.

const LETTER = 'A-Za-zŠŽšžŸÀ-ÖØ-öø-ž\\u0400-\\u0527\\uA640-\\uA66E\\uA67E-\\uA697\\u1D00-\\u1D7F';
const DOTTED = new Set(['v', 'vs', 'i.e', 'rev', 'e.g']);
const DOTTED_BEFORE_NUMBERS = new Set(['pp']);
const HAS_LETTER = new RegExp(`[${LETTER}]`);
const PLAIN = /^[A-Za-z0-9 ]*$/;

const mark = (source: string): RegExp => new RegExp(source, 'g');

/** Applied in this order to the line with a space before and after it. */
const REPLACEMENTS: readonly (readonly [RegExp, string])[] = [
  [mark(`[^0-9${LETTER}\\s.'\`,\\-‘’]`), ' $& '],
  [/\.{2,}/g, ' $& '],
  // Commas stand apart but between digits. Three passes, as neighbouring matches would share a character.
  [/([^0-9]),([^0-9])/g, '$1 , $2'],
  [/([0-9]),([^0-9])/g, '$1 , $2'],
  [/([^0-9]),([0-9])/g, '$1 , $2'],
  [/[`‘’]/g, "'"],
  [/[“”]|''/g, ' " '],
  [/–|--/g, '-'],
  // A dash between words goes, so that half a compound can match.
  [mark(`([0-9${LETTER}.])-([0-9${LETTER}])`), '$1 $2'],
  [mark(`([^${LETTER}])'([^${LETTER}])`), "$1 ' $2"],
  [mark(`([^0-9${LETTER}])'([${LETTER}])`), "$1 ' $2"],
  [mark(`([${LETTER}])'([^${LETTER}])`), "$1 ' $2"],
  [mark(`([${LETTER}])'([${LETTER}])`), "$1 '$2"],
  [/([0-9])'(s)/g, "$1 '$2"],
];

/** A word with a period at its end, as one or two words. */
function splitPeriod(word: string, next: string | undefined): string[] {
  if (word.length < 2 || !word.endsWith('.') || word.endsWith('..')) return [word];
  const stem = word.slice(0, -1);
  if (stem.includes('.') && HAS_LETTER.test(stem)) return [word.replaceAll('.', '')]; // u.s. -> us
  // Before a lower-case word it is taken for an abbreviation, listed or not.
  const stays = DOTTED.has(stem) || (next !== undefined && /^[a-z]/.test(next));
  const staysBeforeNumber = DOTTED_BEFORE_NUMBERS.has(stem) && next !== undefined && /^[0-9]/.test(next);
  return stays || staysBeforeNumber ? [word] : [stem, '.'];
}

/** The words of a line as METEOR 1.5 counts them with `-norm`, in lower case. */
export function normalizeMeteor(line: string): string[] {
  let text = ` ${line} `;
  if (!PLAIN.test(line)) for (const [pattern, by] of REPLACEMENTS) text = text.replace(pattern, by);
  const words = text.split(/\s+/).filter((word) => word !== '');
  const split = text.includes('.') ? words.flatMap((word, i) => splitPeriod(word, words[i + 1])) : words;
  return split.map((word) => word.toLowerCase());
}
