import { type ConceptSet, concepts } from '@ocelli/emoji-scenes';

/** Where each concept stands in its set, by id: the class number of a probe. */
export function placesOf(set: ConceptSet): ReadonlyMap<number, number> {
  return new Map(concepts(set).map(({ id }, place) => [id, place]));
}
