import type { Artist } from '../artists.js';
import { colourNames, shadeOf } from '../colours.js';
import type { Concept } from '../concepts.js';
import type { Copy } from '../placement.js';
import { Random } from '../random.js';
import { parseSampleId, type SampleIdParts, sampleId } from '../sample-id.js';
import { artistsOf, conceptsOf, type Scene } from '../scene.js';
import { isClipHeldOut } from './held-out-clips.js';
import { type Motion, motions } from './motions.js';
import { middlePose } from './poses.js';

/** Everything that a clip shows: one drawing that does one thing. */
export interface Clip {
  readonly artist: Artist;
  readonly concept: Concept;
  readonly motion: Motion;
  readonly background: Scene['background'];
  /** Where the drawing stands half-way through, drawn without regard to the motion. */
  readonly middle: Copy;
  /** How far the motion goes, 0.75 to 1. */
  readonly reach: number;
}

const prefix = 'clips/';

/** `clips/demo/train/000123`, or with a seed other than 0 `clips/demo/train@7/000123`. */
export function clipId(parts: SampleIdParts): string {
  return `${prefix}${sampleId(parts)}`;
}

/**
 * The clip that a sample's id stands for, and nothing else is needed. Drawn from `Random(id)`, uniformly and
 * independently, in this order: concept, motion, background (these three again until the combination is held out, for
 * `unseen-pair`, or is not, for the other splits), artist, shade, the pose half-way, reach.
 *
 * @param id e.g. `clips/demo/train/000123`
 * @throws when the id is malformed.
 */
export function clipOf(id: string): Clip {
  if (!id.startsWith(prefix)) {
    throw new Error(`[emoji-scenes] "${id}" is no clip's id; write it as clips/demo/train/000123`);
  }
  const { split, set } = parseSampleId(id.slice(prefix.length));
  const random = new Random(id);
  const list = conceptsOf(split, set);
  let concept: Concept;
  let motion: Motion;
  let name: Scene['background']['name'];
  do {
    concept = random.pick(list);
    motion = random.pick(motions);
    name = random.pick(colourNames);
  } while (isClipHeldOut(concept, motion, name) !== (split === 'unseen-pair'));
  const names = concept.names;
  const artist = random.pick(artistsOf[split].filter((one) => one in names));
  const background = { name, rgb: shadeOf(name, random) };
  return {
    artist,
    concept,
    motion,
    background,
    middle: middlePose(random),
    reach: random.between(0.75, 1),
  };
}
