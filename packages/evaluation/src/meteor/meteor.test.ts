import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { corpus, sample } from '../../test/corpora.js';
import { tokenizeCaption } from '../tokenize-caption.js';
import { meteor, meteorSums } from './meteor.js';
import { normalizeMeteor } from './normalize-meteor.js';
import { loadWordNet } from './wordnet.js';

const text = (hypothesis: string, ...references: string[]) => ({
  hypothesis: hypothesis.split(' '),
  references: references.map((reference) => reference.split(' ')),
});

describe('meteor', () => {
  it('gives the digits of meteor-1.5.jar where no paraphrase matches (Maluuba/nlg-eval#105)', () => {
    const { meteor: score, name } = meteor([sample('the cat was sat on the mat', 'the cat sat on the mat')]);
    expect(score).toBeCloseTo(0.5119556177223324, 14);
    expect(name).toBe('METEOR without paraphrases and synonyms');
  });

  it('gives the number in the README of bckim92/language-evaluation, summed over a corpus', () => {
    const samples = [
      ['i am a boy', 'am i a boy ?'],
      ['she is a girl', 'is she a girl ?'],
    ].map(([own, reference]) => ({
      hypothesis: tokenizeCaption(own!),
      references: [tokenizeCaption(reference!)],
    }));
    expect(meteor(samples).meteor).toBeCloseTo(0.4335475, 7);
  });

  it('gives the number of meteor-1.5.jar in nltk/nltk#2655, which needs stages, function words and -norm', () => {
    const one = text(
      'Alimentum is located in the city centre. It is not family-friendly.',
      'There is a place in the city centre, Alimentum, that is not family-friendly.',
    );
    const { meteor: score, name } = meteor([one], { synonyms: loadWordNet() });
    expect(score).toBeCloseTo(0.4249, 4);
    expect(name).toBe('METEOR without paraphrases');
    expect(meteor([one]).meteor).toBeLessThan(0.4); // located and place are synonyms
  });

  it('weighs stages by 1, 0.6 and 0.8, and function words by a third', () => {
    const synonyms = (word: string) => (word === 'large' || word === 'big' ? [1] : []);
    const alone = (own: string, reference: string) =>
      meteor([sample(own, reference)], { synonyms, functionWords: new Set(['of']) }).perSample[0];
    // One matched word of one: precision and recall are the weight, and nothing is out of order.
    expect(alone('horse', 'horse')).toBe(1);
    expect(alone('horses', 'horse')).toBeCloseTo(0.6, 14);
    expect(alone('large', 'big')).toBeCloseTo(0.8, 14);
    const precision = 0.25 / (0.75 + 0.25); // and one chunk of one match costs 0.6
    expect(alone('of x', 'of')).toBeCloseTo((1 / (0.15 / precision + 0.85)) * 0.4, 14);
  });

  it('takes the best reference of each sample and sums their statistics', () => {
    const two = [
      sample('a red bus', 'a tree', 'a red bus'),
      sample('the cat was sat on the mat', 'x', 'the cat sat on the mat'),
    ];
    const { perSample, meteor: score, statistics } = meteor(two);
    expect(perSample[0]).toBe(1);
    expect(perSample[1]).toBeCloseTo(0.5119556177223324, 14);
    // 10 of 3 + 7 and 3 + 6 words match, in the 2 chunks of the second: a perfect caption adds no chunk.
    expect(statistics.map((row) => row[20])).toEqual([0, 2]);
    const precision = (3 * 0.75 + 2 * 0.75 + 0.25 + 3 * 0.25) / (5 * 0.75 + 5 * 0.25);
    expect(precision).toBeLessThan(1);
    const mean = 1 / (0.15 / precision + 0.85);
    expect(score).toBeCloseTo(mean * (1 - 0.6 * (2 / 9) ** 0.2), 14);
    const { rows, score: ofSums } = meteorSums(meteor(two));
    const sums = Float64Array.from(rows[0]!, (value, i) => value + rows[1]![i]!);
    expect(ofSums(sums, 2)).toBe(score);
  });

  it('scores identity 1, ignores the order of references, and never falls when one is added', () => {
    fc.assert(
      fc.property(corpus(1), (samples) => {
        const own = samples.map(({ references }) => ({ hypothesis: references[0]!, references }));
        expect(meteor(own).meteor).toBeCloseTo(1, 12);
        const turned = samples.map((one) => ({ ...one, references: one.references.toReversed() }));
        expect(meteor(turned).perSample).toEqual(meteor(samples).perSample);
        const fewer = samples.map((one) => ({ ...one, references: one.references.slice(1) }));
        const kept = samples.flatMap((one, i) => (one.references.length > 1 ? [i] : []));
        if (kept.length === 0) return;
        const less = meteor(kept.map((i) => fewer[i]!)).perSample;
        const all = meteor(samples).perSample;
        kept.forEach((i, k) => {
          expect(all[i]).toBeGreaterThanOrEqual(less[k]!);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('scores what has no words 0 and refuses bad input', () => {
    expect(meteor([sample('', 'a b')]).meteor).toBe(0);
    expect(meteor([sample('a', '')]).meteor).toBe(0);
    expect(meteor([sample('', '')]).meteor).toBe(0);
    expect(meteor([sample('x y', 'a b')]).meteor).toBe(0);
    expect(() => meteor([])).toThrow('[meteor] got 0 samples;');
  });
});

describe('normalizeMeteor', () => {
  it.each([
    ['a man riding a wave', 'a man riding a wave'],
    ["do n't walk the man 's dog", "do n 't walk the man ' s dog"],
    ['a black-and-white t-shirt', 'a black and white t shirt'],
    ['1,000 people , a,b and 3,x', '1,000 people , a , b and 3 , x'],
    ['u.s. flag at 3:30 p.m. near main st. vs. x.', 'us flag at 3 : 30 pm near main st. vs. x .'],
    ['it ends. It begins', 'it ends . it begins'],
    ['wait ... what', 'wait ... what'],
    ['“quoted” ‘word’', '" quoted " \' word \''],
    ['and\\/or', 'and \\ / or'],
    ["rock 'n' roll in the 1990's", "rock ' n ' roll in the 1990 's"],
    ['', ''],
  ])('%j -> %j', (line, expected) => {
    expect(normalizeMeteor(line).join(' ')).toBe(expected);
  });
});

describe('loadWordNet', () => {
  const synonyms = loadWordNet();
  const share = (a: string, b: string) => synonyms(a).some((set) => synonyms(b).includes(set));

  it('knows synonyms, also of inflected words, whatever their part of speech', () => {
    expect(share('couch', 'sofa')).toBe(true);
    expect(share('couches', 'sofas')).toBe(true);
    expect(share('bike', 'bicycle')).toBe(true);
    expect(share('cat', 'dog')).toBe(false);
    expect(synonyms('xyzzyx')).toEqual([]);
  });

  it('reads irregular forms where a dictionary has them, and senses of every part of speech', () => {
    const directory = mkdtempSync(join(tmpdir(), 'ocelli-wordnet-'));
    const write = (name: string, ...lines: string[]) =>
      writeFileSync(join(directory, name), `  1 This software and database is ...\n${lines.join('\n')}\n`);
    write(
      'index.noun',
      'child n 2 1 @ 2 1 00000005 00000009  ',
      'kid n 1 1 @ 1 0 00000009  ',
      'run n 1 0 1 0 00000005  ',
    );
    write('index.verb', 'run v 1 0 1 1 00000005  ');
    write('index.adj');
    write('index.adv');
    write('noun.exc', 'children child');
    write('verb.exc', 'ran run');
    const own = loadWordNet(directory);
    expect(own('kid')).toEqual([36]); // 4 parts of speech: offset 9, noun
    expect(own('children')).toEqual([20, 36]);
    expect(own('kids')).toEqual([36]);
    expect(own('ran')).toEqual([20, 21]);
    expect(own('boys')).toEqual([]);
  });

  it('names what is missing', () => {
    expect(() => loadWordNet('/nowhere')).toThrow(
      /^\[loadWordNet\] .*index\.noun does not exist; pass the folder that has index\.noun/,
    );
  });
});
