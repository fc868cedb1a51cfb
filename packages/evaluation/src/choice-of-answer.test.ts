import { expect, it } from 'vitest';
import { choiceOfAnswer } from './choice-of-answer.js';

const choices = ['a cat', 'A dog', 'an apple'];

it.each([
  ['B', 1],
  ['b', 1],
  ['(C)', 2],
  ['C.', 2],
  ['C. an apple', 2],
  ['B: a dog', 1],
  ['The answer is A.', 0],
  ['The answer is (B) because dogs bark.', 1],
  ['Answer: C', 2],
  ['A dog', 1],
  ['a dog.', 1],
  ['an apple', 2],
  ['It barks. The answer is B. So the answer is B.', 1],
  ['The answer is A. No, the answer is B.', null],
  ['a big dog', null], // an article, not the letter
  ['D', null],
  ['The answer is E.', null],
  ['I do not know', null],
  ['', null],
])('%j is choice %j', (text, choice) => {
  expect(choiceOfAnswer(text, choices)).toBe(choice);
});

it('takes the text of a choice before its letter', () => {
  expect(choiceOfAnswer('B', ['C', 'A', 'B'])).toBe(2);
});
