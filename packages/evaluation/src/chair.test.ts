import { describe, expect, it } from 'vitest';
import { chair, chairSums } from './chair.js';
import { COCO_OBJECTS, ObjectFinder, parseObjectSynonyms } from './chair-objects.js';

const synonyms = parseObjectSynonyms(`person, man, woman, child, people
dog, puppy
hot dog
dining table, table, desk
knife
bus
train, jet
cat, kitten\r

toilet
tie`);

describe('ObjectFinder', () => {
  const finder = new ObjectFinder(synonyms);
  it.each([
    ['two men and some women with children', ['person', 'person', 'person']],
    ['a puppy beside dogs', ['dog', 'dog']],
    ['he eats hot dogs at a table', ['hot dog', 'dining table']], // the longest name: no dog here
    ['knives and buses', ['knife', 'bus']],
    ['a baby cat and an adult dog', ['cat', 'dog']],
    ['a passenger train on train tracks near home plate', ['train']],
    ['a bow tie on a toilet seat', ['tie', 'toilet']],
    ['a carpet', []],
  ])('%j', (text, expected) => {
    expect(finder.find(text.split(' '))).toEqual(expected);
  });
});

describe('chair', () => {
  it('counts mentions and captions of what is not there', () => {
    const result = chair(
      [
        // the dog is annotated, the person in a human caption; the cats are invented, twice
        {
          id: '1',
          hypothesis: 'A man with a dog, a cat and a kitten.',
          objects: ['dog', 'dining table'],
          references: ['A woman.'],
        },
        { id: '2', hypothesis: 'a bus', objects: ['bus'] },
        { id: '3', hypothesis: 'something nice', objects: [] },
      ],
      { synonyms },
    );
    expect(result.perSample[0]).toEqual({
      mentioned: ['person', 'dog', 'cat', 'cat'],
      hallucinated: ['cat', 'cat'],
      found: 2,
      present: 3,
    });
    expect(result.chairI).toBeCloseTo(2 / 5, 14);
    expect(result.chairS).toBeCloseTo(1 / 3, 14);
    expect(result.recall).toBeCloseTo(3 / 4, 14);
    expect(chairSums(result, 'chairI').rows).toEqual([
      [4, 2, 1, 2, 3],
      [1, 0, 0, 1, 1],
      [0, 0, 0, 0, 0],
    ]);
    expect(chairSums(result, 'chairS').score(Float64Array.of(5, 2, 1, 3, 4), 3)).toBe(result.chairS);
  });

  it('knows the names of MSCOCO by itself', () => {
    expect(COCO_OBJECTS).toHaveLength(80);
    expect(new Set(COCO_OBJECTS).size).toBe(80);
    const { perSample } = chair([{ id: '1', hypothesis: 'traffic lights and a bench', objects: ['bench'] }]);
    expect(perSample[0]!.hallucinated).toEqual(['traffic light']);
  });

  it('scores silence 0 and refuses bad input', () => {
    expect(chair([{ id: '1', hypothesis: '', objects: [] }])).toMatchObject({
      chairI: 0,
      chairS: 0,
      recall: 0,
    });
    expect(() => chair([])).toThrow('[chair] got 0 samples;');
    expect(() => chair([{ id: '1', hypothesis: '', objects: ['unicorn'] }])).toThrow(
      '[chair] object "unicorn" of sample "1" is in no group of synonyms; add it',
    );
    expect(() => chair([{ id: '1', hypothesis: '', objects: [] }], { synonyms: [] })).toThrow(
      'synonyms is an array of 0; pass groups of names',
    );
    expect(() => chair([{ id: '1', hypothesis: '', objects: [] }], { synonyms: [[]] })).toThrow(
      'a group of synonyms has no name;',
    );
  });
});
