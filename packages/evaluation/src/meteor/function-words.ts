// METEOR counts a word as a function word if it makes up more than a thousandth of the news and parliament texts of
// the WMT shared tasks. Its own list lies in the jar and nowhere else; these are the words above that rate, put
// together anew. A word in doubt moves a score by about a hundredth.

/** Function words of English, the default of `meteor`. */
export const METEOR_FUNCTION_WORDS: ReadonlySet<string> = new Set(
  `a about after all also an and any are as at be because been but by can could do first for from had has have he
  her his i if in into is it its like may more most must my new no not now of on one only or other our out over
  people said should so some such than that the their them then there these they this time to two up us was we were
  what when where which who will with would years you
  s t , . ' " ( ) - : ; ?`.split(/\s+/),
);
