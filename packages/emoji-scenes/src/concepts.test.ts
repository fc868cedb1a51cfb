import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { artists, trainingArtists } from './artists.js';
import { conceptByLabel, concepts } from './concepts.js';

describe('concepts', () => {
  it('are 64 and 170, one list inside the other, and drawn by all nine artists', () => {
    expect(concepts('demo')).toHaveLength(64);
    expect(concepts('harder')).toHaveLength(170);
    expect(concepts('harder')).toEqual(expect.arrayContaining([...concepts('demo')]));
    for (const concept of concepts('harder'))
      expect(Object.keys(concept.names).sort()).toEqual([...artists].sort());
  });

  it('of "all" are drawn by five training artists, and their ids are 0, 1, 2, ...', () => {
    for (const [index, concept] of concepts('all').entries()) {
      expect(concept.id).toBe(index);
      expect(trainingArtists.filter((artist) => artist in concept.names).length).toBeGreaterThanOrEqual(5);
      expect(concept.label.split(' ').length).toBeLessThanOrEqual(2);
    }
    const labels = concepts('all').map((concept) => concept.label);
    expect(new Set(labels).size).toBe(labels.length);
  });

  it('speak English', () => {
    expect(conceptByLabel('red apple')).toMatchObject({ plural: 'red apples', article: 'a', group: 'food' });
    expect(conceptByLabel('octopus')).toMatchObject({ plural: 'octopuses', article: 'an', group: 'animal' });
    expect(conceptByLabel('fish').plural).toBe('fish');
    expect(conceptByLabel('game die').plural).toBe('game dice');
    for (const { plural, label } of concepts('harder')) {
      if (!['fish', 'tropical fish', 'blowfish'].includes(label)) expect(plural).not.toBe(label);
    }
    expect(() => conceptByLabel('grapes')).toThrow('[emoji-scenes] no concept is labelled "grapes"');
  });

  it('are what the tool makes of the installed packages', () => {
    const table = fileURLToPath(new URL('../data/concepts.jsonl', import.meta.url));
    const tool = fileURLToPath(new URL('../tools/build-concepts.mjs', import.meta.url));
    const printed = execFileSync(process.execPath, [tool, '--print'], {
      encoding: 'utf8',
      maxBuffer: 2 ** 24,
    });
    expect(printed).toBe(readFileSync(table, 'utf8'));
  });
});
