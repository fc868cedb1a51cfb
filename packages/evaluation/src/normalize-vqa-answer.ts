import { VQA_CONTRACTIONS } from './vqa-contractions.js';

const PUNCTUATION = [...';/[]"{}()=+\\_-><@`,?!'];
const NUMBER_WORDS = new Map(
  ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'].map(
    (word, value) => [word, String(value)] as const,
  ),
).set('none', '0');
const ARTICLES = new Set(['a', 'an', 'the']);

const COMMA_IN_NUMBER = /\p{Nd},\p{Nd}/u;
// The original means "a period between digits stays" but mistypes the look-behind, which then always holds:
// what is left is "a period stays before a digit".
const PERIOD = /\.(?!\p{Nd})/gu;
// ... and it passes a flag, 32, where the number of replacements belongs.
const MOST_PERIODS = 32;

// What Python calls white space; JavaScript's \s differs by U+001C..U+001F, U+0085 and U+FEFF.
// biome-ignore lint/suspicious/noControlCharactersInRegex: Python splits at these control characters
const PYTHON_SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u;

/** Line breaks and tabs become spaces, and the ends are stripped: what the VQA evaluation does to every answer. */
export function stripVqaAnswer(text: string): string {
  const flat = text.replace(/[\n\t]/g, ' ');
  const ends = PYTHON_SPACE.source;
  return flat.replace(new RegExp(`^${ends}`, 'u'), '').replace(new RegExp(`${ends}$`, 'u'), '');
}

/**
 * The punctuation step of the VQA evaluation, quirks included: a mark vanishes everywhere if the INPUT has it
 * beside a space anywhere, or has a comma between digits anywhere; otherwise it becomes a space. At most 32
 * periods go, and only those not before a digit.
 */
export function processVqaPunctuation(text: string): string {
  const hasCommaInNumber = COMMA_IN_NUMBER.test(text);
  let result = text;
  for (const mark of PUNCTUATION) {
    const vanishes = hasCommaInNumber || text.includes(`${mark} `) || text.includes(` ${mark}`);
    result = result.replaceAll(mark, vanishes ? '' : ' ');
  }
  let removed = 0;
  return result.replace(PERIOD, (period) => (removed++ < MOST_PERIODS ? '' : period));
}

/** The word step: lower case, number words to digits (`none` is 0), no articles, contractions spelled out. */
export function processVqaWords(text: string): string {
  return text
    .toLowerCase()
    .split(PYTHON_SPACE)
    .filter((word) => word !== '')
    .map((word) => NUMBER_WORDS.get(word) ?? word)
    .filter((word) => !ARTICLES.has(word))
    .map((word) => VQA_CONTRACTIONS.get(word) ?? word)
    .join(' ');
}

/**
 * An answer as the official VQA evaluation (Antol et al., ICCV 2015) normalises it, with every quirk of its
 * regular expressions: `1,000` -> `1000`, `x-ray` -> `x ray`, `a.b` -> `ab`, `dont know` -> `don't know`,
 * `none` -> `0`. GQA, MSVD-QA and MSRVTT-QA scores compare both sides in this form.
 */
export function normalizeVqaAnswer(text: string): string {
  return processVqaWords(processVqaPunctuation(stripVqaAnswer(text)));
}
