import { americanize } from './americanize.js';
import { describe, EvaluationError } from './evaluation-error.js';
import { ABBREVIATED_WORD, PTB_RULES } from './ptb-rules.js';

const SPACE = /[ \t\u00A0\u2000-\u200A\u3000\u200B\u200E\u200F\uFEFF\n]+/uy;
// Most of a caption is letters up to a space, a comma or the last period, where no longer rule can win except for
// the words below. Passing all rules by makes the tokenizer about ten times as fast.
const PLAIN_WORD = /[A-Za-z]+(?=[,;:]?[ \n])|[A-Za-z]{2,}(?=\.\n)/y;
const PLAIN_MARK = /[,;:](?= )|\.(?=\n)/y;
const ASSIMILATED = new Set(['cannot', 'gonna', 'gotta', 'lemme', 'gimme', 'wanna']);
const LINE_BREAK = /\r\n|[\r\n\v\f\u2028\u2029]/g;

/**
 * Splits English text into Penn Treebank tokens the way Stanford's PTBTokenizer (CoreNLP 3.4, default options,
 * then `-lowerCase`) does: `don't` -> `do n't`, `man's` -> `man 's`, `cannot` -> `can not`, punctuation apart,
 * hyphenated words whole, quotes as `` ` `` `` `` `` `'` `''`, brackets as `-lrb-` `-rrb-`, `and/or` as
 * `and\/or`, American spelling. The longest rule wins, as in the original lexer.
 *
 * A small tokenizer for captions, not the whole original: no phone numbers, no scripts beyond letters and
 * digits, and a shorter list of British spellings. Characters that it does not know (emoji) vanish.
 *
 * @param text one caption; line breaks count as spaces
 * @returns lower-case tokens, punctuation included
 * @throws EvaluationError if `text` is not a string
 */
export function tokenizePtb(text: string): string[] {
  if (typeof text !== 'string') {
    throw new EvaluationError('tokenizePtb', `text is ${describe(text)}`, 'pass a string');
  }
  const line = `${text.replace(LINE_BREAK, ' ')}\n`; // rules may look at the end of the line
  const tokens: string[] = [];
  let position = 0;
  while (position < line.length) {
    SPACE.lastIndex = position;
    if (SPACE.test(line)) {
      position = SPACE.lastIndex;
      continue;
    }
    PLAIN_WORD.lastIndex = position;
    const plain = PLAIN_WORD.exec(line)?.[0].toLowerCase();
    if (plain !== undefined && !ASSIMILATED.has(plain)) {
      if (line[PLAIN_WORD.lastIndex] !== '.' || !ABBREVIATED_WORD.test(plain)) {
        tokens.push(americanize(plain));
        position = PLAIN_WORD.lastIndex;
        continue;
      }
    }
    PLAIN_MARK.lastIndex = position;
    if (PLAIN_MARK.test(line)) {
      tokens.push(line[position]!);
      position++;
      continue;
    }
    position += takeLongest(line, position, tokens);
  }
  return tokens;
}

/** Pushes the tokens of the rule that matches most at `position`; returns how much of the line they use up. */
function takeLongest(line: string, position: number, tokens: string[]): number {
  let longest = 0;
  let text = '';
  let emit: ((text: string) => string[]) | undefined;
  for (const rule of PTB_RULES) {
    rule.pattern.lastIndex = position;
    const match = rule.pattern.exec(line);
    if (match && match[0].length > longest) {
      longest = match[0].length;
      text = match[1]!;
      emit = rule.emit;
    }
  }
  if (longest === 0) return line.codePointAt(position)! > 0xffff ? 2 : 1;
  for (const token of emit ? emit(text) : [text]) tokens.push(americanize(token.toLowerCase()));
  return text.length;
}
