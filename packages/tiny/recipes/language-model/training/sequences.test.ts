import { describe, expect, it } from 'vitest';
import { encodeLearntText, learntBatch } from './sequences.js';

/** One token per letter. */
const encode = (text: string) => Array.from(text, (letter) => letter.codePointAt(0)!);
const [a, b, c, d] = [97, 98, 99, 100] as const;

describe('sequences', () => {
  it('put the context before </s> and learn the target and the end', () => {
    expect(encodeLearntText({ context: 'a', prompt: 'b', target: 'cd' }, encode)).toEqual({
      ids: [a, 2, b, c, d, 2],
      firstTarget: 3,
    });
    expect(encodeLearntText({ prompt: '', target: 'c' }, encode)).toEqual({ ids: [2, c, 2], firstTarget: 1 });
  });

  it('are padded on the right, and each target is predicted from the token before it', () => {
    const batch = learntBatch([
      { ids: [2, c, 2], firstTarget: 1 },
      { ids: [a, 2, b, c, d, 2], firstTarget: 3 },
    ]);
    expect(batch.input.tokens).toBe(5);
    expect([...batch.input.ids]).toEqual([2, c, 1, 1, 1, a, 2, b, c, d]);
    expect([...batch.input.mask]).toEqual([1, 1, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect([...batch.rows]).toEqual([0, 1, 7, 8, 9]);
    expect([...batch.targets]).toEqual([c, 2, c, d, 2]);
  });
});
