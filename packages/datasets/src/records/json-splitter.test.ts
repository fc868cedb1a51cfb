import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type JsonItem, JsonSplitter } from './json-splitter.js';

/** What the splitter finds in a text that arrives in pieces of these sizes, the last one repeated. */
function split(text: string, sizes: readonly number[]): { items: JsonItem[]; complete: boolean } {
  const bytes = Buffer.from(text);
  const splitter = new JsonSplitter();
  const items: JsonItem[] = [];
  let at = 0;
  for (let piece = 0; at < bytes.length; piece++) {
    const size = sizes[Math.min(piece, sizes.length - 1)]!;
    items.push(...splitter.push(bytes.subarray(at, at + size)));
    at += size;
  }
  return { items, complete: splitter.complete };
}

const parsed = (items: readonly JsonItem[]) =>
  items.map(({ key, index, text }) => ({ key, index, value: JSON.parse(text) as unknown }));

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });
const spaces = fc.constantFrom(undefined, 1, '\t');

it('finds the entries of any list, however it is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), spaces, sizes, (list, space, cut) => {
      const { items, complete } = split(JSON.stringify(list, null, space), cut);
      expect(complete).toBe(true);
      expect(parsed(items)).toEqual(
        list.map((value, index) => ({
          key: null,
          index,
          value: JSON.parse(JSON.stringify(value)) as unknown,
        })),
      );
    }),
  );
});

it('finds the members of any object, and the entries of their lists', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), spaces, sizes, (object, space, cut) => {
      const text = JSON.stringify(object, null, space);
      const { items, complete } = split(text, cut);
      expect(complete).toBe(true);
      const expected = Object.entries(JSON.parse(text) as Record<string, unknown>).flatMap(([key, value]) =>
        Array.isArray(value)
          ? value.map((one: unknown, index) => ({ key, index: index as number | null, value: one }))
          : [{ key, index: null, value }],
      );
      expect(parsed(items)).toEqual(expected);
    }),
  );
});

it('knows what is cut off or followed by more', () => {
  expect(split('[{"a": 1}, {"b"', [5]).complete).toBe(false);
  expect(split('[{"a": 1}, {"b"', [5]).items).toHaveLength(1);
  for (const text of ['', 'no JSON', '"text"', '[1] [2]', '{"a": [1, 2}']) {
    expect(split(text, [100]).complete, text).toBe(false);
  }
  expect(split('\uFEFF[1]', [2]).items).toEqual([{ key: null, index: 0, text: '1' }]);
});
