// The contraction table of the official VQA evaluation, written as its targets: most keys are a target with
// apostrophes missing. Keys with capitals ("Im", "Ive") are left out, words are lower-case when looked up.

/** Keyed by the word without any apostrophe: `dont` -> `don't`. */
const WITHOUT_APOSTROPHES = `
  ain't aren't can't could've couldn't didn't doesn't don't hadn't hasn't haven't he'd he's how'd how'll how's
  isn't it'd it'll ma'am mightn't might've mustn't must've needn't not've o'clock oughtn't shan't should've
  shouldn't somebody'll somebody's someone'd someone'll someone's something'd something'll that's there'd
  there're there's they'd they'll they're they've 'twas wasn't we've weren't what'll what're what's what've
  when's where'd where's where've who'd who'll who's who've why'll why're why's won't would've wouldn't y'all
  you'd you'll you're you've`;

/** Keyed twice, by the word without its first and without its last apostrophe: `he'd've` from `hed've`, `he'dve`. */
const WITH_ONE_APOSTROPHE = `
  couldn't've hadn't've he'd've it'd've mightn't've she'd've shouldn't've somebody'd've someone'd've
  something'd've there'd've they'd've we'd've who'd've wouldn't've y'all'll you'd've`;

/** What fits no rule, mistakes of the original included: they are part of every published number. */
const IRREGULAR: readonly (readonly [string, string])[] = [
  ["ow's'at", "'ow's'at"],
  ["'ows'at", "'ow's'at"],
  ["'ow'sat", "'ow's'at"],
  ["somebody'd", 'somebodyd'],
  ["yall'd've", "y'all'd've"],
  ["y'alld've", "y'all'd've"],
  ["y'all'dve", "y'all'd've"],
];

function words(list: string): string[] {
  return list.trim().split(/\s+/);
}

/** Lower-case word to the spelling that the VQA evaluation gives it. */
export const VQA_CONTRACTIONS: ReadonlyMap<string, string> = new Map([
  ...words(WITHOUT_APOSTROPHES).map((word) => [word.replaceAll("'", ''), word] as const),
  ...words(WITH_ONE_APOSTROPHE).flatMap((word) => {
    const first = word.indexOf("'");
    const last = word.lastIndexOf("'");
    const without = (at: number) => word.slice(0, at) + word.slice(at + 1);
    return [[without(first), word] as const, [without(last), word] as const];
  }),
  ...IRREGULAR,
]);
