import { captionsOf, colourNames, concepts, numberWords, Random } from '@ocelli/emoji-scenes';
import { beforeAll, describe, expect, it } from 'vitest';
import { contextTexts, entryOf, plainText, readSources, type Sources } from './documents.js';
import { isHeldOutScene, tellFacts, writtenScene } from './facts.js';

let sources: Sources;
beforeAll(() => {
  sources = readSources();
}, 120_000);

const many = <T>(count: number, make: (random: Random) => T): T[] => {
  const random = new Random('test');
  return Array.from({ length: count }, () => make(random));
};

describe('things', () => {
  it('hold all concepts of the scenes first, and many others', () => {
    const { scenes, labels, nouns } = sources.things;
    expect(scenes.map(({ label }) => label)).toEqual(concepts('all').map(({ label }) => label));
    expect(labels.length).toBeGreaterThan(250);
    expect(nouns.length).toBeGreaterThan(1500);
    const all = [...scenes, ...labels, ...nouns];
    expect(new Set(all.map(({ label }) => label)).size).toBe(all.length);
    expect(all.map(({ id }) => id)).toEqual(all.map((_, i) => i));
  });

  it('are of the kinds that one expects', () => {
    const kindOf = new Map(sources.things.nouns.map(({ label, group }) => [label, group]));
    expect(kindOf.get('newt')).toBe('animal');
    expect(kindOf.get('barge')).toBe('vehicle');
    expect(kindOf.get('shawl')).toBe('clothing');
    expect(kindOf.get('lagoon')).toBe('place');
    expect(kindOf.get('planet')).toBe('sky');
    expect(kindOf.get('gravy')).toBe('food');
    expect(kindOf.get('gyroscope')).toBe('object');
  });
});

describe('facts', () => {
  it('tell the colour only where they say so: no tag names one', () => {
    const scene = writtenScene(sources.things.scenes.find(({ label }) => label === 'banana')!, 2, 'green');
    for (const facts of many(300, (random) => tellFacts(scene, random))) {
      const named = colourNames.filter((name) =>
        new RegExp(`\\b${name}\\b`).test(facts.text.replace(/. [^.]*fruit[^.]*/, '')),
      );
      if (facts.colour) expect(named).toContain('green');
      expect(named.filter((name) => name !== 'green')).toEqual([]);
    }
  });
});

describe('texts of a context', () => {
  const groups = () =>
    many(400, (random) => contextTexts(sources, random, { questions: 2, presenceQuestions: 1 }));

  it('never show a combination that the scenes hold out', () => {
    // "musical notes" is a label and a plural, so a name may stand for two things.
    const named = (name: string) =>
      Object.values(sources.things)
        .flat()
        .filter(({ label, plural }) => label === name || plural === name);
    const pattern = /^(an?|two|three|four) (.+) on an? (\w+) background$/;
    for (const { texts } of groups()) {
      const [, number, name, colour] = pattern.exec(texts[0]!.target)!;
      const count = Math.max(1, 1 + numberWords.indexOf(number as (typeof numberWords)[number]));
      const heldOut = named(name!).map((thing) =>
        isHeldOutScene(writtenScene(thing, count as 1, colour as (typeof colourNames)[number])),
      );
      expect(heldOut, texts[0]!.target).toContain(false);
    }
  });

  it('ask for presence as often as they are told to, and only where the thing is told', () => {
    const count = (presenceQuestions: number) =>
      many(200, (random) => contextTexts(sources, random, { questions: 0, presenceQuestions })).map(
        ({ texts }) => texts.filter(({ prompt }) => prompt.startsWith('is there')).length,
      );
    expect(new Set(count(0))).toEqual(new Set([0]));
    expect(new Set(count(3))).toEqual(new Set([0, 3])); // now and then the thing is left out
    expect(count(3).filter((asked) => asked === 3).length).toBeGreaterThan(150);
  });

  it('ask only what the context tells', () => {
    for (const { context, texts } of groups()) {
      for (const { prompt, target } of texts) {
        if (prompt.startsWith('which colour')) expect(context).toContain(target);
        if (prompt.startsWith('how many')) {
          const digit = 1 + numberWords.indexOf(target as (typeof numberWords)[number]);
          expect(context).toMatch(new RegExp(`\\b(${target}|${digit}${digit === 1 ? '|an?' : ''})\\b`));
        }
      }
    }
  });

  it('are captions and answers in the words of the scenes', () => {
    const scene = writtenScene(sources.things.scenes.find(({ label }) => label === 'red apple')!, 3, 'blue');
    expect(captionsOf(scene)[0]).toBe('three red apples on a blue background');
    const prompts = new Set(groups().flatMap(({ texts }) => texts.map(({ prompt }) => prompt)));
    expect(prompts).toContain('what is in the picture?</a>');
    expect(prompts).toContain('');
  });
});

describe('plain texts', () => {
  it('follow from the seed', () => {
    expect(many(50, (random) => plainText(sources, random))).toEqual(
      many(50, (random) => plainText(sources, random)),
    );
  });

  it('never use an entry that is held out to measure on', () => {
    const heldOut = new Set(sources.heldOutEntries.map(entryOf));
    expect(heldOut.size).toBeGreaterThan(500);
    const used = many(3000, (random) => plainText(sources, random).target);
    expect(used.filter((text) => heldOut.has(text))).toEqual([]);
  });
});
