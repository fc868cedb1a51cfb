import { expect, it } from 'vitest';
import { z } from 'zod';
import { datasetFormat, datasetFormats } from './registry.js';

it('names every format once, and finds it', () => {
  const names = datasetFormats.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const format of datasetFormats) expect(datasetFormat(format.name)).toBe(format);
  expect(datasetFormat('toString')).toBeUndefined();
});

it.each(datasetFormats.map((format) => [format.name, format] as const))('%s is described', (name, format) => {
  expect(format.schema).toBeInstanceOf(z.ZodObject);
  const schema = format.schema as unknown as z.ZodObject;
  expect(Object.keys(schema.shape)).toEqual([
    'format',
    ...Object.keys(format.fields),
    'subset',
    'checkMedia',
  ]);
  for (const [field, { description }] of Object.entries(format.fields))
    expect(description, field).not.toBe('');
  expect(Object.keys(format.fields)).toEqual(expect.arrayContaining([...format.paths]));
  for (const text of [format.title, format.licence, format.source, format.reads]) expect(text).not.toBe('');
  expect(format.schema.safeParse({ format: name, unknown: 1 }).success).toBe(false);
  for (const size of Object.values(format.published?.sizes ?? { none: 1 })) expect(size).toBeGreaterThan(0);
});
