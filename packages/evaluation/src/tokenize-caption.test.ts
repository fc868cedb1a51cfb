import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenizeCaption } from './tokenize-caption.js';
import { tokenizePtb } from './tokenize-ptb.js';

describe('tokenizePtb', () => {
  it.each([
    ["A man's dog doesn't like it.", "a man 's dog does n't like it ."],
    ["I can't, won't and cannot!", "i ca n't , wo n't and can not !"],
    ["Shouldn't've they're I'd we'll", "should n't 've they 're i 'd we 'll"],
    ['They’re the dog’s', "they 're the dog 's"],
    ["It's 5 o'clock; U.S. flag at 3:30 p.m.", "it 's 5 o'clock ; u.s. flag at 3:30 p.m."],
    ['A black-and-white t-shirt (wet) sits...', 'a black-and-white t-shirt -lrb- wet -rrb- sits ...'],
    [`"STOP" sign and a 'go' sign`, "`` stop '' sign and a ` go ' sign"],
    ["the dogs' tails", "the dogs ' tails"],
    ['wait?! no!!', 'wait ?! no !!'],
    ['1,000 people and/or 2nd 1/2 -- 50%', '1,000 people and\\/or 2nd 1\\/2 -- 50 %'],
    ["Main St. near Mr. Smith, the '50s", "main st. near mr. smith , the '50s"],
    ["ma'am, rock 'n' roll", "ma'am , rock 'n' roll"],
    ['gonna wanna', 'gon na wan na'],
    ['vitamin C.', 'vitamin c.'],
    ['a dog.A cat', 'a dog . a cat'],
    ['AT&T costs $5.00 & more', 'at&t costs $ 5.00 & more'],
    ['a colourful grey tour', 'a colorful gray tour'],
    ['a dog \u{1F600} runs\r\nfast', 'a dog runs fast'],
    ['constructor __proto__', 'constructor __ proto __'],
    ['', ''],
  ])('%j -> %j', (text, expected) => {
    expect(tokenizePtb(text).join(' ')).toBe(expected);
  });

  it('ends on any text, and makes no empty token and no capital', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.string({ unit: fc.constantFrom(...`abN't. -"'/5,()&<>!`), maxLength: 40 }),
    );
    fc.assert(
      fc.property(text, (value) => {
        for (const token of tokenizePtb(value)) expect(token).toMatch(/^[^ \n]+$/);
        expect(tokenizePtb(value)).toEqual(tokenizePtb(value).map((token) => token.toLowerCase()));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('tokenizeCaption', () => {
  it('drops punctuation', () => {
    expect(tokenizeCaption(`A "big" dog, two cats; - it's: fun...!`)).toEqual([
      'a',
      'big',
      'dog',
      'two',
      'cats',
      'it',
      "'s",
      'fun',
    ]);
  });

  it('keeps what the original keeps by accident: lower-cased brackets and runs of marks', () => {
    expect(tokenizeCaption('a (small) dog?!')).toEqual(['a', '-lrb-', 'small', '-rrb-', 'dog', '?!']);
  });

  it('refuses what is no string', () => {
    expect(() => tokenizeCaption(undefined as unknown as string)).toThrow(
      '[tokenizeCaption] caption is undefined;',
    );
  });
});
