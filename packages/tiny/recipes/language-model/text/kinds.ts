import type { Kind } from '@ocelli/emoji-scenes';
import { isKindOf, type Synset, type WordNet } from './word-net.js';

/** WordNet's files of topics with things that one can draw (lexnames(5WN)). */
const topics = { animal: 5, artifact: 6, food: 13, object: 17, plant: 20 } as const;

/** The topics whose nouns are taken as things. */
export const thingTopics: ReadonlySet<number> = new Set(Object.values(topics));

/** What a word must be a kind of to be called by a kind, each named by its first such sense; tried in this order. */
const ancestors: readonly (readonly [Kind, readonly string[]])[] = [
  ['vehicle', ['vehicle', 'aircraft', 'boat', 'ship', 'train', 'motor vehicle']],
  ['clothing', ['clothing', 'footwear', 'headdress', 'jewelry', 'handbag']],
  ['sky', ['celestial body', 'natural satellite', 'star']],
  ['activity', ['game equipment', 'sports equipment', 'plaything', 'trophy', 'ball']],
  [
    'place',
    [
      'building',
      'dwelling',
      'establishment',
      'area',
      'way',
      'bridge',
      'tower',
      'monument',
      'geological formation',
      'land',
      'body of water',
      'room',
      'excavation',
    ],
  ],
];

/** Which of the scenes' nine kinds a concrete meaning is: by its topic, and for artifacts by what it is a kind of. */
export function kindNamer(wordNet: WordNet): (synset: Synset) => Kind {
  const keysOf = (words: readonly string[]) =>
    new Set(
      words.flatMap(
        (word) =>
          wordNet.senses.get(word)?.find((key) => {
            const { topic } = wordNet.synsets.get(key)!;
            return topic === topics.artifact || topic === topics.object;
          }) ?? [],
      ),
    );
  const table = ancestors.map(([kind, words]) => [kind, keysOf(words)] as const);
  return ({ key, topic }) => {
    if (topic === topics.animal) return 'animal';
    if (topic === topics.plant) return 'plant';
    if (topic === topics.food) return 'food';
    return table.find(([, keys]) => isKindOf(wordNet, key, keys))?.[0] ?? 'object';
  };
}
