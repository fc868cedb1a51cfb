import { conceptByLabel, concepts } from '@ocelli/emoji-scenes';
import { expect, test } from 'vitest';
import { namedObject } from './object-named.js';

test('every concept is recognised in its own captions, singular and plural', () => {
  for (const { label, plural, article } of concepts('demo')) {
    expect(namedObject(`${article} ${label} on a blue background`, 'demo')).toBe(label);
    expect(namedObject(`Three ${plural} on a blue background`, 'demo')).toBe(label);
  }
});

test('a word inside another word does not count, and no word is no object', () => {
  const { label } = conceptByLabel(concepts('demo')[0]!.label);
  expect(namedObject(`x${label}x`, 'demo')).toBeNull();
  expect(namedObject('on a blue background', 'demo')).toBeNull();
});
