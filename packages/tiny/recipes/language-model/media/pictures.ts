import {
  captionsOf,
  colourNames,
  colours,
  isHeldOut,
  numberWords,
  questionsOf,
  type Scene,
} from '@ocelli/emoji-scenes';
import type { Fact, Medium } from './medium.js';

/** How people may name the colour behind something. */
export function backgroundFact(index: number): Fact {
  const name = colourNames[index]!;
  return {
    name: 'colour',
    plain: name,
    ways: [name, name, `${name} background`, `the background is ${name}`],
  };
}

function countFact(count: number): Fact {
  const word = numberWords[count - 1]!;
  const verb = count === 1 ? 'there is' : 'there are';
  return {
    name: 'count',
    plain: word,
    ways: [word, word, String(count), `${word} of them`, `${verb} ${word}`],
  };
}

/** Pictures of `emojiScenes`: a thing, how many, on which background. */
export const pictures: Medium = {
  name: 'picture',
  questionTypes: ['object', 'count', 'colour', 'kind', 'presence'],
  values: [numberWords.length, colourNames.length],
  show(thing, chosen) {
    const count = (1 + chosen[0]!) as Scene['count'];
    const name = colourNames[chosen[1]!]!;
    // Nothing is drawn from it, so its copies have no places.
    const scene: Scene = {
      artist: 'noto',
      concept: thing,
      count,
      background: { name, rgb: colours[name] },
      copies: [],
    };
    return {
      medium: pictures,
      thing,
      chosen,
      facts: [countFact(count), backgroundFact(chosen[1]!)],
      phrase: count === 1 ? `${thing.article} ${thing.label}` : `${numberWords[count - 1]} ${thing.plural}`,
      captions: captionsOf(scene),
      questions: (id, things) => questionsOf(id, scene, things),
    };
  },
  isHeldOut: (thing, chosen) => isHeldOut(thing, 1 + chosen[0]!, colourNames[chosen[1]!]!),
};
