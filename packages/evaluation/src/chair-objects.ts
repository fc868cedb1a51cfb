import { describe, EvaluationError } from './evaluation-error.js';

/** The 80 things that MSCOCO annotates, by their names there. */
export const COCO_OBJECTS: readonly string[] = `person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,
  traffic light,fire hydrant,stop sign,parking meter,bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,
  backpack,umbrella,handbag,tie,suitcase,frisbee,skis,snowboard,sports ball,kite,baseball bat,baseball glove,
  skateboard,surfboard,tennis racket,bottle,wine glass,cup,fork,knife,spoon,bowl,banana,apple,sandwich,orange,broccoli,
  carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,bed,dining table,toilet,tv,laptop,mouse,remote,keyboard,
  cell phone,microwave,oven,toaster,sink,refrigerator,book,clock,vase,scissors,teddy bear,hair drier,toothbrush`
  .split(',')
  .map((name) => name.trim());

// Words beside which a thing is another one, or none: of CHAIR's authors.
const ANIMALS = [
  'bird',
  'cat',
  'dog',
  'horse',
  'sheep',
  'cow',
  'elephant',
  'bear',
  'zebra',
  'giraffe',
  'animal',
  'cub',
];
const VEHICLES = ['jet', 'train'];
const OTHERS: readonly (readonly [phrase: string, thing: string])[] = [
  ['bow tie', 'tie'],
  ['toilet seat', 'toilet'],
  ['wine glas', 'wine glass'],
];
const NOT_THINGS = ['home plate', 'train track', 'train tracks'];

const IRREGULAR = new Map([
  ['men', 'man'],
  ['women', 'woman'],
  ['children', 'child'],
  ['people', 'person'],
  ['mice', 'mouse'],
  ['geese', 'goose'],
  ['knives', 'knife'],
  ['wolves', 'wolf'],
  ['calves', 'calf'],
  ['feet', 'foot'],
  ['oxen', 'ox'],
  ['loaves', 'loaf'],
  ['leaves', 'leaf'],
]);

/** What a plural noun may be the plural of, likeliest first; the word itself is first. */
function singularForms(word: string): string[] {
  const forms = [word];
  const irregular = IRREGULAR.get(word.split(' ').at(-1)!);
  if (irregular !== undefined) forms.push(word.replace(/[^ ]+$/, irregular));
  const compound = /^(.*)(men|women)$/.exec(word);
  if (compound) forms.push(compound[1]! + compound[2]!.replace('men', 'man'));
  if (word.endsWith('ies')) forms.push(`${word.slice(0, -3)}y`);
  if (word.endsWith('s') && !word.endsWith('ss')) forms.push(word.slice(0, -1));
  if (word.endsWith('es')) forms.push(word.slice(0, -2));
  return forms;
}

/** Finds the things that a text mentions. */
export class ObjectFinder {
  readonly #things = new Map<string, string | null>();
  readonly #longest: number;

  /** @param synonyms groups of names, the first of which stands for all */
  constructor(synonyms: readonly (readonly string[])[]) {
    if (!Array.isArray(synonyms) || synonyms.length === 0) {
      throw new EvaluationError(
        'chair',
        `synonyms is ${describe(synonyms)}`,
        'pass groups of names, e.g. parseObjectSynonyms of the synonyms.txt of CHAIR',
      );
    }
    for (const [name, ...others] of synonyms) {
      if (name === undefined || name === '') {
        throw new EvaluationError(
          'chair',
          'a group of synonyms has no name',
          'begin every group with a name',
        );
      }
      // As in the original, a name in two groups belongs to the later one.
      for (const other of [name, ...others]) this.#things.set(other, name);
    }
    const known = (thing: string) => this.#things.get(thing);
    for (const animal of ANIMALS) {
      const thing = known(animal);
      if (thing) for (const age of ['baby', 'adult']) this.#things.set(`${age} ${animal}`, thing);
    }
    for (const vehicle of VEHICLES) {
      const thing = known(vehicle);
      if (thing) this.#things.set(`passenger ${vehicle}`, thing);
    }
    for (const [phrase, thing] of OTHERS) if (known(thing)) this.#things.set(phrase, known(thing)!);
    for (const phrase of NOT_THINGS) this.#things.set(phrase, null);
    this.#longest = Math.max(...[...this.#things.keys()].map((name) => name.split(' ').length));
  }

  /** The thing that a name stands for, or undefined for a name in no group. */
  thingOf(name: string): string | null | undefined {
    for (const form of singularForms(name)) {
      const thing = this.#things.get(form);
      if (thing !== undefined) return thing;
    }
    return undefined;
  }

  /** The things of some words in their order, once for every mention; the longest name wins ("hot dog"). */
  find(words: readonly string[]): string[] {
    const found: string[] = [];
    let position = 0;
    while (position < words.length) {
      let length = Math.min(this.#longest, words.length - position);
      let thing: string | null | undefined;
      for (; length > 0; length--) {
        thing = this.thingOf(words.slice(position, position + length).join(' '));
        if (thing !== undefined) break;
      }
      if (thing) found.push(thing);
      position += Math.max(1, length);
    }
    return found;
  }
}

/** The groups of a file with one group a line, names between commas: the format of CHAIR's `synonyms.txt`. */
export function parseObjectSynonyms(text: string): string[][] {
  return text
    .split(/\r?\n/)
    .map((line) => line.split(',').map((name) => name.trim()))
    .map((names) => names.filter((name) => name !== ''))
    .filter((names) => names.length > 0);
}
