import type { CaptionSample } from '../src/index.js';

const THINGS =
  `man woman dog cat horse bus train car bike boy girl child surfer skier pizza sandwich table bench tree
  plate umbrella kite ball laptop phone clock bird sheep cow elephant zebra giraffe couch bed chair sink toilet truck
  boat street beach field kitchen room park snow wave grass road building window wall`.split(/\s+/);
const LOOKS =
  `red blue big small old young white black brown green two three several wooden large tall empty dirty
  bright parked`.split(/\s+/);
const DOES =
  `sitting standing riding holding eating running walking looking playing lying flying jumping driving
  sits stands rides holds eats`.split(/\s+/);
const WHERE = ['on', 'in', 'near', 'next to', 'under', 'with', 'behind', 'in front of', 'at', 'of'];

/** Numbers from 0 up to 1, the same for the same seed. */
function random(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

/**
 * Caption sets that look like COCO's: each image has a scene of things, which its references (8 to 14 words, some with
 * capitals and punctuation) put into words in turn, and a hypothesis that gets a share of the words wrong.
 *
 * @param errors share of the hypothesis's words that are from anywhere
 */
export function generateCaptions(
  count: number,
  { seed = 1, references = 5, errors = 0.2 }: { seed?: number; references?: number; errors?: number } = {},
): CaptionSample[] {
  const scenes = random(seed);
  const mistakes = random(seed + 977);
  const of = <Item>(list: readonly Item[], next: () => number) => list[Math.floor(next() * list.length)]!;
  return Array.from({ length: count }, (_, id) => {
    const things = [of(THINGS, scenes), of(THINGS, scenes), of(THINGS, scenes)];
    const looks = [of(LOOKS, scenes), of(LOOKS, scenes)];
    const does = of(DOES, scenes);
    const sentence = (next: () => number): string => {
      const thing = (name: string) =>
        next() < 0.5 ? `a ${of(looks, next)} ${name}` : `${next() < 0.3 ? 'the' : 'a'} ${name}`;
      const verb = next() < 0.6 ? does : of(DOES, next);
      const first = `${thing(things[0]!)} ${next() < 0.4 ? 'is ' : ''}${verb} ${of(WHERE, next)} ${thing(things[1]!)}`;
      return next() < 0.7 ? `${first} ${of(WHERE, next)} ${thing(things[2]!)}` : first;
    };
    const dressed = (text: string) =>
      scenes() < 0.7 ? `${text[0]!.toUpperCase()}${text.slice(1)}${scenes() < 0.8 ? '.' : ' .'}` : text;
    const written = Array.from({ length: references }, () => dressed(sentence(scenes)));
    const words = sentence(scenes)
      .split(' ')
      .map((word) => (mistakes() < errors ? of(mistakes() < 0.5 ? THINGS : LOOKS, mistakes) : word));
    return { id: String(id), references: written, hypothesis: words.join(' ') };
  });
}
