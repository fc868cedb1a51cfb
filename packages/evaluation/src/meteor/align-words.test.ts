import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokens } from '../../test/corpora.js';
import { alignWords } from './align-words.js';
import { MeteorLexicon } from './meteor-lexicon.js';

// "big" and "large" mean the same here, as do "dog", "dogs" and "hound"; stems make "dog" and "dogs" alike as well.
const sets: Record<string, number[]> = {
  big: [1],
  large: [1],
  dog: [2],
  dogs: [2],
  hound: [2],
  cat: [3],
  cats: [3],
};
const lexicon = new MeteorLexicon(new Set(), (word) => sets[word] ?? []);
const align = (hypothesis: string, reference: string) =>
  alignWords(
    tokens(hypothesis).map((word) => lexicon.word(word)),
    tokens(reference).map((word) => lexicon.word(word)),
  );
const pairs = (hypothesis: string, reference: string) =>
  align(hypothesis, reference).matches.map((match) => [match.hypothesis, match.reference, match.stage]);

interface Pair {
  h: number;
  r: number;
  exact: boolean;
}

/** Every one-to-one matching that has all rivalless pairs, best first by METEOR's order: [exact matches, chunks]. */
function bruteForceBest(hypothesis: string, reference: string): [exact: number, chunks: number] {
  const [own, wanted] = [tokens(hypothesis), tokens(reference)];
  const words = (list: string[]) => list.map((word) => lexicon.word(word));
  const [a, b] = [words(own), words(wanted)];
  const all: Pair[] = [];
  for (let r = 0; r < b.length; r++) {
    for (let h = 0; h < a.length; h++) {
      const exact = own[h] === wanted[r];
      if (exact) all.push({ h, r, exact });
      else if (hypothesis !== reference) {
        if (a[h]!.stem === b[r]!.stem) all.push({ h, r, exact });
        if (a[h]!.synonymSets.some((set) => b[r]!.synonymSets.includes(set))) all.push({ h, r, exact });
      }
    }
  }
  const rivals = (pair: Pair) => all.filter(({ h, r }) => h === pair.h || r === pair.r).length;
  const fixed = all.filter((pair) => rivals(pair) === 1);
  const free = all.filter((pair) => rivals(pair) > 1);
  let best: [number, number] = [-1, 0];
  const visit = (chosen: Pair[], next: number) => {
    if (next === free.length) {
      const sorted = [...chosen].sort((x, y) => x.r - y.r);
      const chunks = sorted.filter(
        (pair, i) => i === 0 || pair.r !== sorted[i - 1]!.r + 1 || pair.h !== sorted[i - 1]!.h + 1,
      ).length;
      const exact = chosen.filter((pair) => pair.exact).length;
      if (exact > best[0] || (exact === best[0] && chunks < best[1])) best = [exact, chunks];
      return;
    }
    visit(chosen, next + 1);
    const { h, r } = free[next]!;
    if (!chosen.some((pair) => pair.h === h || pair.r === r)) visit([...chosen, free[next]!], next + 1);
  };
  visit(fixed, 0);
  return best;
}

describe('alignWords', () => {
  it('takes the words that make fewest chunks, not the first that match', () => {
    // Matched from the left, "the" would go to the first "the" and cut "the mat" in two.
    expect(pairs('the mat', 'the cat on the mat')).toEqual([
      [0, 3, 0],
      [1, 4, 0],
    ]);
    expect(align('the mat', 'the cat on the mat').chunks).toBe(1);
    expect(align('on the mat the cat', 'the cat on the mat').chunks).toBe(2);
  });

  it('matches by stem and by synonym, and exactly where it can', () => {
    expect(pairs('a running horse', 'a horse runs')).toEqual([
      [0, 0, 0],
      [2, 1, 0],
      [1, 2, 1],
    ]);
    expect(pairs('a large tree', 'a big tree')).toEqual([
      [0, 0, 0],
      [1, 1, 2],
      [2, 2, 0],
    ]);
    expect(pairs('big large', 'large')).toEqual([[1, 0, 0]]);
  });

  it('keeps a slip of the original: a word with rivals that matches by stem or synonym counts for nothing alone', () => {
    // "dogs" matches "dog" by stem and by synonym, so it has rivals; it is taken only where it joins two runs.
    expect(pairs('dogs', 'dog')).toEqual([]);
    expect(pairs('two dogs play', 'two dog play')).toEqual([
      [0, 0, 0],
      [1, 1, 1],
      [2, 2, 0],
    ]);
  });

  it('aligns identical sentences word by word, and nothing with nothing', () => {
    expect(align('big large dog dogs', 'big large dog dogs')).toEqual({
      matches: [0, 1, 2, 3].map((i) => ({ hypothesis: i, reference: i, stage: 0 })),
      chunks: 1,
    });
    expect(align('', 'a')).toEqual({ matches: [], chunks: 0 });
    expect(align('a', '')).toEqual({ matches: [], chunks: 0 });
  });

  // Where many alignments are equally good the order of the search decides: what the search of METEOR 1.5's source finds.
  it.each([
    [
      'the dog and the cat a the and large on on',
      'the the dog sees a cats cat large cats hound',
      '3-0-0 0-1-0 1-2-0 5-4-0 4-6-0 8-7-0',
      5,
    ],
    [
      'large cat a large dog cat cat hound cats big the sees the',
      'a dog and cats a and cats large a cats cat the',
      '4-1-0 1-3-1 2-4-0 8-6-0 0-7-0 5-9-1 6-10-0 10-11-0',
      6,
    ],
    [
      'dog the the on large big a a sees a a',
      'big dogs the a big sees the and the hound',
      '5-0-0 0-1-1 1-2-0 6-3-0 8-5-0 2-6-0',
      5,
    ],
    [
      'sees dogs dog cat a dogs large large dogs dogs and',
      'a large the the cats the dogs cat dogs the on',
      '4-0-0 6-1-0 1-6-0 3-7-0 5-8-0',
      5,
    ],
    [
      'the cat hound hound large dogs cats a cat a',
      'a large dog cats the cat a cat large and cat dogs',
      '9-0-0 4-1-0 6-3-0 0-4-0 1-5-0 7-6-0 8-7-0 5-11-0',
      6,
    ],
  ] as const)('goes the way of the original: %j, %j', (hypothesis, reference, matches, chunks) => {
    const found = align(hypothesis, reference);
    expect(
      pairs(hypothesis, reference)
        .map((match) => match.join('-'))
        .join(' '),
    ).toBe(matches);
    expect(found.chunks).toBe(chunks);
  });

  it('finds the best of all alignments of short sentences', () => {
    const sentence = fc
      .array(fc.constantFrom('a', 'b', 'the', 'dog', 'dogs', 'hound', 'big', 'large'), { maxLength: 6 })
      .map((words) => words.join(' '));
    fc.assert(
      fc.property(sentence, sentence, (hypothesis, reference) => {
        const { matches, chunks } = align(hypothesis, reference);
        const exact = matches.filter(({ stage }) => stage === 0).length;
        expect([exact, chunks]).toEqual(bruteForceBest(hypothesis, reference));
        expect(new Set(matches.map((match) => match.hypothesis)).size).toBe(matches.length);
        expect(new Set(matches.map((match) => match.reference)).size).toBe(matches.length);
      }),
      { numRuns: 3000, seed: 5 },
    );
  });
});
