import { colourNames, concepts, motions, numberWords, Random } from '@ocelli/emoji-scenes';
import { repetitions, speakers } from '@ocelli/emoji-voices';
import { beforeAll, describe, expect, it } from 'vitest';
import { clips } from '../media/clips.js';
import { isHeldOutShown } from '../media/medium.js';
import { pictures } from '../media/pictures.js';
import { recordings } from '../media/recordings.js';
import { contextTexts, entryOf, plainText, readSources, type Sources } from './documents.js';
import { tellFacts } from './facts.js';

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
    const banana = sources.things.scenes.find(({ label }) => label === 'banana')!;
    const shown = pictures.show(banana, [1, colourNames.indexOf('green')]);
    for (const facts of many(300, (random) => tellFacts(shown, random))) {
      const named = colourNames.filter((name) =>
        new RegExp(`\\b${name}\\b`).test(facts.text.replace(/. [^.]*fruit[^.]*/, '')),
      );
      if (facts.told.has('colour')) expect(named).toContain('green');
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
    const combination = (caption: string) => {
      const picture = /^(an?|two|three|four) (.+) on an? (\w+) background$/;
      const clip = new RegExp(`^an? (.+) (${motions.join('|')}) on an? (\\w+) background$`);
      const recording = new RegExp(`^(${speakers.join('|')}) says (.+) (${repetitions.join('|')})$`);
      const index = (list: readonly string[], word: string | undefined) => Math.max(0, list.indexOf(word!));
      let match = clip.exec(caption);
      if (match) {
        return {
          medium: clips,
          name: match[1]!,
          chosen: [index(motions, match[2]), index(colourNames, match[3])],
        };
      }
      match = recording.exec(caption);
      if (match) {
        const chosen = [index(speakers, match[1]), index(repetitions, match[3])];
        return { medium: recordings, name: match[2]!, chosen };
      }
      match = picture.exec(caption)!;
      const chosen = [index(numberWords, match[1]), index(colourNames, match[3])];
      return { medium: pictures, name: match[2]!, chosen };
    };
    const seen = new Set<string>();
    for (const { texts } of groups()) {
      const { medium, name, chosen } = combination(texts[0]!.target);
      seen.add(medium.name);
      const heldOut = named(name).map((thing) => isHeldOutShown(medium.show(thing, chosen)));
      expect(heldOut, texts[0]!.target).toContain(false);
    }
    expect([...seen].sort()).toEqual(['clip', 'picture', 'recording']);
  });

  it('ask for presence as often as they are told to, and only where the thing is told', () => {
    const count = (presenceQuestions: number) =>
      many(200, (random) => contextTexts(sources, random, { questions: 0, presenceQuestions })).map(
        ({ texts }) => texts.filter(({ prompt }) => /^is (there|.+ said\?)/.test(prompt)).length,
      );
    expect(new Set(count(0))).toEqual(new Set([0]));
    expect(new Set(count(3))).toEqual(new Set([0, 3])); // now and then the thing is left out
    expect(count(3).filter((asked) => asked === 3).length).toBeGreaterThan(150);
  });

  it('ask only what the context tells', () => {
    for (const { context, texts } of groups()) {
      for (const { prompt, target } of texts) {
        if (prompt.startsWith('which colour')) expect(context).toContain(target);
        if (prompt.startsWith('who speaks')) {
          expect(context).toMatch(target === 'a man' ? /\b(man|male|he)\b/ : /\b(woman|female|she)\b/);
        }
        if (prompt.startsWith('how many')) {
          const digit = 1 + numberWords.indexOf(target as (typeof numberWords)[number]);
          expect(context).toMatch(new RegExp(`\\b(${target}|${digit}${digit === 1 ? '|an?' : ''})\\b`));
        }
      }
    }
  });

  it('are captions and answers in the words of the scenes', () => {
    const apple = sources.things.scenes.find(({ label }) => label === 'red apple')!;
    const captions = [
      pictures.show(apple, [2, colourNames.indexOf('blue')]),
      clips.show(apple, [0, colourNames.indexOf('blue')]),
      recordings.show(apple, [1, 1]),
    ].map((shown) => shown.captions[0]);
    expect(captions).toEqual([
      'three red apples on a blue background',
      'a red apple moves left on a blue background',
      'a woman says red apple twice',
    ]);
    const prompts = new Set(groups().flatMap(({ texts }) => texts.map(({ prompt }) => prompt)));
    expect(prompts).toContain('what is in the picture?</a>');
    expect(prompts).toContain('what does it do?</a>');
    expect(prompts).toContain('how often is it said?</a>');
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
