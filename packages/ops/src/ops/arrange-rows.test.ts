import { expect, it } from 'vitest';
import { zeros } from '../core/tensor.js';
import { arrangeRows } from './arrange-rows.js';

it('names what does not fit', () => {
  const x = zeros([2, 3, 4]);
  expect(() => arrangeRows([x], Int32Array.of(0, 6))).toThrow('[arrangeRows] there is no row 6 among 6');
  expect(() => arrangeRows([x, x], Int32Array.of(-1))).toThrow('[arrangeRows] there is no row -1 among 12');
  expect(() => arrangeRows([x], Int32Array.of(1, 2, 1))).toThrow(
    '[arrangeRows] row 1 is asked for twice; use gatherRows for rows that repeat',
  );
  expect(() => arrangeRows([x, zeros([2, 3])], Int32Array.of(0))).toThrow(
    '[arrangeRows] sources differ in width: [2, 3, 4] and [2, 3]',
  );
});
