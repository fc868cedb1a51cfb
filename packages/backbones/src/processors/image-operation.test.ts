import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { picture } from '../../test/picture.js';
import type { AffineOptions } from './affine-transform.js';
import { applyOperation, type OperationName } from './image-operation.js';

const { pictures, cases } = JSON.parse(
  readFileSync(new URL('../../test/pillow-operations.json', import.meta.url), 'utf8'),
) as {
  pictures: { size: [number, number]; contrast: number; offset: number }[];
  cases: { picture: number; name: OperationName; amount: number; options: AffineOptions; data: string }[];
};

it.each(cases)(
  'gives the bytes that Pillow gives: $name by $amount, picture $picture, $options.filter',
  ({ picture: which, name, amount, options, data }) => {
    const { size, contrast, offset } = pictures[which]!;
    const full = picture(...size);
    const image = { ...full, data: full.data.map((level) => Math.trunc(level * contrast) + offset) };
    const result = applyOperation(image, { name, amount }, options);
    expect([result.width, result.height, result.channels]).toEqual([...size, 3]);
    expect([...result.data]).toEqual([...Buffer.from(data, 'base64')]);
    expect(full.data.map((level) => Math.trunc(level * contrast) + offset)).toEqual(image.data); // stays as it was
  },
);
