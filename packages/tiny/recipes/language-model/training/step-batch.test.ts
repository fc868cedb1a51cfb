import { beforeAll, describe, expect, it } from 'vitest';
import { defaultOptions } from '../options.js';
import { readSources, type Sources } from '../text/documents.js';
import { stepBatch } from './step-batch.js';

let sources: Sources;
beforeAll(() => {
  sources = readSources();
}, 120_000);

/** A token per word. */
const encode = (text: string) =>
  text
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => 10 + word.length);

describe('stepBatch', () => {
  it('follows from the step alone', () => {
    expect(stepBatch(sources, encode, defaultOptions, 7)).toEqual(
      stepBatch(sources, encode, defaultOptions, 7),
    );
    expect(stepBatch(sources, encode, defaultOptions, 7)).not.toEqual(
      stepBatch(sources, encode, defaultOptions, 8),
    );
  });

  it('gives each text the slot of the facts that it follows from', () => {
    const { slots, slotTexts } = stepBatch(sources, encode, defaultOptions, 0);
    expect(slots.contexts).toHaveLength(defaultOptions.contexts);
    expect(slots.contextOfText).toHaveLength(slotTexts.input.batch);
    expect(new Set(slots.contextOfText).size).toBe(defaultOptions.contexts);
    for (const { length } of slots.contexts) expect(length).toBeLessThanOrEqual(defaultOptions.contextTokens);
  });

  it('adds noise that grows from none', () => {
    const largest = (steps: readonly number[]): number =>
      Math.max(...steps.map((step) => stepBatch(sources, encode, defaultOptions, step).slotNoise));
    const twenty = Array.from({ length: 20 }, (_, i) => i);
    const late = largest(twenty.map((i) => defaultOptions.steps - 1 - i));
    expect(largest([0])).toBe(0);
    expect(largest(twenty)).toBeLessThan(0.05 * defaultOptions.slotNoise);
    expect(late).toBeGreaterThan(0.5 * defaultOptions.slotNoise);
    expect(late).toBeLessThanOrEqual(defaultOptions.slotNoise);
  });
});
