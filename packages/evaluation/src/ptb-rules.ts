/**
 * One rule of the lexer. `pattern` is sticky; its first group is the token, and the whole match, look-ahead
 * included, is what competes: the longest wins, ties go to the earlier rule.
 */
export interface PtbRule {
  pattern: RegExp;
  /** What becomes of the matched text; by default it is one token as it stands. */
  emit?: (text: string) => string[];
}

const LETTER = '[\\p{L}\\p{M}\\u00AD]';
const ALNUM = '[\\p{L}\\p{Nd}]';
const APOS = "(?:['\\x92\\u2019]|&apos;)";
const APOS_INSIDE = "(?:['\\x91\\x92\\u2018\\u2019\\u201B]|&apos;)";
const ENDING = `${APOS}(?:[msdMSD]|re|ve|ll|RE|VE|LL)`;
const FRENCH = `(?:[dDoOlL]${APOS_INSIDE}${ALNUM})?`;
const COMPOUND = `${FRENCH}${ALNUM}+(?:[-_\\u058A\\u2010\\u2011]${FRENCH}${ALNUM}+)*`;
const NUMBER = '[-+]?(?:\\p{Nd}*(?:[.:,\\u00AD]\\p{Nd}+)+|\\p{Nd}+)';
const ACRONYM = '[A-Za-z](?:\\.[A-Za-z])+';
const SLASHED = '[A-Za-z0-9]+(?:-[A-Za-z]+){0,2}';
const PAUSE = '[,;:\\u3001]';

// Abbreviations that keep their period. Words of everyday captions (sat, sun, so, in) are not among them.
const DATED = 'jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mon|tues?|wed|thu|thurs|fri';
const STATES =
  'ala|ariz|calif|colo|conn|dak|fla|ga|ind|kans?|ky|md|mich|minn|mo|mont|neb|nev|okla|penn|tenn|va|vt|wisc?|wyo';
const TITLES =
  'mr|mrs|ms|drs?|profs?|sens?|reps?|attys?|lt|col|gen|messrs|govs?|adm|rev|maj|sgt|cpl|pvt|mt|capt|ste?|ave|' +
  'pres|lieut|hon|brig|co?mdr|pfc|spc|supts?|det|jr|sr|bros|blvd|rd|esq';
const TRADE = 'inc|cos?|corp|ltd|plc|dept|assn|univ|intl|etc|al|seq|vs|cf|tel|est|ext|sq|ft|alex|wm|jos';
const BEFORE_NUMBERS = 'nos?|prop|figs?|pp|ca|approx|sect?s?|arts?';

/** Words that some rule joins with a following period, whatever their case. */
export const ABBREVIATED_WORD = new RegExp(
  `^(?:${DATED}|${STATES}|${TITLES}|${TRADE}|ark|ill|mass|miss|ore|wash|pa|la|del|tex)$`,
);

const asBackslashed = (text: string): string[] => [text.replace(/(?<!\\)([/*])/g, '\\$1')];
const withoutSoftHyphens = (text: string): string[] => [text.replaceAll('\u00AD', '') || '-'];
const withStraightApostrophe = (text: string): string[] => [text.replace(new RegExp(APOS_INSIDE, 'gu'), "'")];
const unspaced = (text: string): string[] => [text.replaceAll(' ', '\u00A0')];
const always =
  (...tokens: string[]) =>
  (): string[] =>
    tokens;
/** Splits before the last `length` characters. */
const splitEnd = (length: number) => (text: string) => [text.slice(0, -length), text.slice(-length)];

const rule = (source: string, emit?: PtbRule['emit'], flags = ''): PtbRule => ({
  pattern: new RegExp(source, `${flags}yu`),
  ...(emit && { emit }),
});

const words: PtbRule[] = [
  rule("(cannot|'twas)", splitEnd(3), 'i'),
  rule(`(gonna|gotta|lemme|gimme|wanna|${APOS}tis)`, splitEnd(2), 'i'),
  rule('(&(?:md|mdash|ndash);|[\\x96\\x97\\u2013\\u2014\\u2015])', always('--'), 'i'),
  rule('(&amp;)', always('&'), 'i'),
  rule(`(${LETTER}+)${ENDING}`, withoutSoftHyphens),
  rule(`([A-Za-z\\u00AD]*[A-MO-Za-mo-z]\\u00AD*)[nN]${APOS_INSIDE}[tT]`, withoutSoftHyphens),
  rule(`(${LETTER}+)`, withoutSoftHyphens),
  rule(`(${APOS}(?:n${APOS}?|em|till?|cause|[2-9]0s))`, undefined, 'i'),
  rule(
    `((?:somethin|ol)${APOS}|cont'd\\.?|nor'easter|c'mon|e'er|s'mores|ev'ry|li'l|nat'l|cap${APOS}n)`,
    undefined,
    'i',
  ),
  rule(
    `([lLdDjJ]${APOS}|[A-HJ-XZn]${APOS_INSIDE}\\p{L}{2,}|\\p{L}+[aeiouyAEIOUY]${APOS_INSIDE}[aeiouA-Z]\\p{L}*)`,
  ),
  rule(`([yY]${APOS})\\p{L}`),
  rule('(https?://[^\\s"<>|()]+[^\\s"<>|.!?(){},-])', asBackslashed, 'i'),
  rule(
    '((?:www\\.(?:[^\\s"<>|.!?(){},]+\\.)+[a-z]{2,4}|(?:[^\\s"`\'<>|.!?(){},\\-_$]+\\.)+(?:com|net|org|edu))(?:/[^\\s"<>|()]+[^\\s"<>|.!?(){},-])?)',
    asBackslashed,
    'i',
  ),
  rule('([a-zA-Z0-9][^\\s"<>|()]*@(?:[^\\s"<>|().]+\\.)*[^\\s"<>|().]+)'),
  rule(`(@[a-zA-Z_][a-zA-Z_0-9]*|#${LETTER}+)`),
  rule(`(${ENDING})[^A-Za-z]`, withStraightApostrophe),
  rule(`([nN]${APOS_INSIDE}[tT])`, withStraightApostrophe),
];

const numbers: PtbRule[] = [
  rule('(\\p{Nd}{1,2}[-/]\\p{Nd}{1,2}[-/]\\p{Nd}{2,4})', asBackslashed),
  rule(`(${NUMBER})`, withoutSoftHyphens),
  rule('((?:\\p{Nd}{1,4}[- \\u00A0])?\\p{Nd}{1,4}(?:\\\\?/|\\u2044)\\p{Nd}{1,4})', (text) =>
    asBackslashed(unspaced(text)[0]!),
  ),
  rule('(\\u00BC)', always('1\\/4')),
  rule('(\\u00BD)', always('1\\/2')),
  rule('(\\u00BE)', always('3\\/4')),
  rule(`(${SLASHED}(?:\\\\?/${SLASHED}){1,2})`, asBackslashed),
  rule('([A-Z]*\\$|#)'),
  rule('(\\u00A2)', always('cents')),
  rule('(\\u00A3)', always('#')),
  rule('([\\x80\\u00A4\\u20A0\\u20AC])', always('$')),
];

const abbreviations: PtbRule[] = [
  rule(`((?:${DATED}|${STATES}|${TITLES}|${TRADE})\\.)`, undefined, 'i'),
  rule(`((?:${BEFORE_NUMBERS})\\.) ?\\p{Nd}`, undefined, 'i'),
  rule('((?:Ark|Ill|Mass|Miss|Ore|Wash|Pa|La|Del|Tex)\\.)'),
  rule(`((?:${ACRONYM}|[A-Za-z])\\.)`), // one letter too: "vitamin c." ends in the token "c."
  rule(`(${ACRONYM})[ \\n]`),
  rule(`(${APOS}[0-9][0-9])[ \\n]`),
  rule(`(${LETTER}+\\.)${PAUSE}`, withoutSoftHyphens),
];

const marks: PtbRule[] = [
  rule('("|&quot;)[A-Za-z0-9$]', always('``')),
  rule('("|&quot;)', always("''")),
  rule('(</?[A-Za-z!?][^>\\n]*>)', unspaced),
  rule('([<\\[(]|&lt;)', always('-LRB-')),
  rule('([>\\])]|&gt;)', always('-RRB-')),
  rule('(\\{)', always('-LCB-')),
  rule('(\\})', always('-RCB-')),
  rule('(-+)', (text) => [text.length === 3 || text.length === 4 ? '--' : text]),
  rule('(\\.{3,5}|(?:\\.[ \\u00A0]){2,4}\\.|[\\x85\\u2026])', always('...')),
  rule('(@+|#+|_+)'),
  rule('(\\*+)', (text) => [text.replaceAll('*', '\\*')]),
  rule(`(${PAUSE})`),
  rule('([?!]+)'), // a run is one token, so "!!" survives the list of dropped punctuation
  rule('([.\\u00A1\\u00BF\\u3002=])'),
  rule('(/)', asBackslashed),
];

const compounds: PtbRule[] = [
  rule(`([A-Za-z0-9][A-Za-z0-9.,\\u00AD]*(?:-(?:[A-Za-z0-9\\u00AD]+|${ACRONYM}\\.))+)`, withoutSoftHyphens),
  rule(`(${COMPOUND}\\.)${PAUSE}`),
  rule(`(${COMPOUND})`),
  rule('([A-Z]+(?:(?:[+&]|&amp;)[A-Z]+)+)', (text) => [text.replaceAll('&amp;', '&')]),
  rule("(')[A-Za-z][^ \\n\\u00A0]", always('`')),
  rule(`(${ENDING})`, withStraightApostrophe),
  rule("('|&apos;|\\x92|\\u2019|\\u203A)", always("'")),
  rule('([`\\x91\\u2018\\u201B\\u2039])', always('`')),
  rule('([\\x93\\u201C\\u00AB])', always('``')),
  rule('([\\x94\\u201D\\u00BB])', always("''")),
  rule(
    '(<<|>>|[+%&~^|\\\\\\u00A6-\\u00A9\\u00AC\\u00AE-\\u00BA\\u00D7\\u00F7\\u2020-\\u2023\\u2030-\\u2038\\u2044\\u2100-\\u214F\\u2190-\\u2BFF])',
  ),
];

/** Every rule, in the order in which ties are broken. */
export const PTB_RULES: readonly PtbRule[] = [...words, ...numbers, ...abbreviations, ...marks, ...compounds];
