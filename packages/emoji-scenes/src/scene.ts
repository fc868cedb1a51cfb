import { type Artist, trainingArtists, unseenArtists, validationArtists } from './artists.js';
import { type ColourName, colourNames, type Rgb, shadeOf } from './colours.js';
import { type Concept, type ConceptSet, concepts } from './concepts.js';
import { isHeldOut } from './held-out.js';
import { type Copy, placeCopies } from './placement.js';
import { Random } from './random.js';
import { parseSampleId } from './sample-id.js';

/**
 * What a sample is for. `train`: six artists. `validation`: an artist to choose settings on. `unseen-artist`: an artist
 * (two designs) that nothing was trained or chosen on. `unseen-pair`: the training artists, but combinations of object
 * and count, or object and background, that training never shows.
 */
export type Split = 'train' | 'validation' | 'unseen-artist' | 'unseen-pair';

/** The four splits. */
export const splits: readonly Split[] = ['train', 'validation', 'unseen-artist', 'unseen-pair'];

/** Everything that a picture shows. */
export interface Scene {
  readonly artist: Artist;
  readonly concept: Concept;
  /** How many copies of the one drawing. */
  readonly count: 1 | 2 | 3 | 4;
  readonly background: { readonly name: ColourName; readonly rgb: Rgb };
  readonly copies: readonly Copy[];
}

/** The artists of a split. */
export const artistsOf: Readonly<Record<Split, readonly Artist[]>> = {
  train: trainingArtists,
  validation: validationArtists,
  'unseen-artist': unseenArtists,
  'unseen-pair': trainingArtists,
};

const usable = new Map<string, readonly Concept[]>();

/** The concepts of a set that an artist of the split has drawn: all of them, but for `all` outside training. */
export function conceptsOf(split: Split, set: ConceptSet): readonly Concept[] {
  const key = `${set}/${split}`;
  let list = usable.get(key);
  if (list === undefined) {
    list = concepts(set).filter((concept) => artistsOf[split].some((artist) => artist in concept.names));
    usable.set(key, list);
  }
  return list;
}

/**
 * The scene that a sample's id stands for, and nothing else is needed. Drawn from `Random(id)`, uniformly and
 * independently, in this order: concept, count, background (these three again until the combination is held out, for
 * `unseen-pair`, or is not, for the other splits), artist, shade, copies.
 *
 * @param id e.g. `demo/train/000123`
 * @throws when the id is malformed.
 */
export function sceneOf(id: string): Scene {
  const { split, set } = parseSampleId(id);
  const random = new Random(id);
  const list = conceptsOf(split, set);
  let concept: Concept;
  let count: Scene['count'];
  let name: ColourName;
  do {
    concept = random.pick(list);
    count = (1 + random.below(4)) as Scene['count'];
    name = random.pick(colourNames);
  } while (isHeldOut(concept, count, name) !== (split === 'unseen-pair'));
  const names = concept.names;
  const artist = random.pick(artistsOf[split].filter((one) => one in names));
  const rgb = shadeOf(name, random);
  return { artist, concept, count, background: { name, rgb }, copies: placeCopies(count, random) };
}
