import { describe, expect, it } from 'vitest';
import { normalizeVqaAnswer } from './normalize-vqa-answer.js';
import { VQA_CONTRACTIONS } from './vqa-contractions.js';

describe('normalizeVqaAnswer', () => {
  it.each([
    // what the official Python evaluation gives
    ['1,000', '1000'],
    ['hello, world', 'hello world'],
    ['a.b', 'ab'],
    ['3.5', '3.5'],
    ['end.', 'end'],
    ["it's 5 p.m.", "it's 5 pm"],
    ['x-ray', 'x ray'],
    ['dont know', "don't know"],
    ['none', '0'],
    // read off its code
    [' Two.', '2'],
    ['\tthe Dog\n', 'dog'],
    ['TEN and an apple', '10 and apple'],
    ["somebody'd", 'somebodyd'],
    ['constructor', 'constructor'],
    ['', ''],
  ])('%j -> %j', (text, normal) => {
    expect(normalizeVqaAnswer(text)).toBe(normal);
  });

  it('decides by the input and edits the output: one mark beside a space removes all of its kind', () => {
    expect(normalizeVqaAnswer('x-ray y- z')).toBe('xray y z');
    expect(normalizeVqaAnswer('x-ray 1,000')).toBe('xray 1000');
  });

  it('keeps a period before a digit whatever stands before it, the typo in the look-behind', () => {
    expect(normalizeVqaAnswer('no.5')).toBe('no.5');
    expect(normalizeVqaAnswer('5.')).toBe('5');
  });

  it('removes 32 periods at most, the flag passed as a count', () => {
    expect(normalizeVqaAnswer('.'.repeat(40))).toBe('.'.repeat(8));
  });

  it('has the contraction table of the original', () => {
    // 120 entries there; two map to themselves and four have capitals that no lower-case word reaches
    expect(VQA_CONTRACTIONS.size).toBe(114);
    expect(VQA_CONTRACTIONS.get("couldn'tve")).toBe("couldn't've");
    expect(VQA_CONTRACTIONS.get("hed've")).toBe("he'd've");
    expect(VQA_CONTRACTIONS.get("y'alld've")).toBe("y'all'd've");
    expect(VQA_CONTRACTIONS.get('twas')).toBe("'twas");
    expect(VQA_CONTRACTIONS.get('ill')).toBeUndefined();
  });
});
