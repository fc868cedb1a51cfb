import type { Pixels } from '@ocelli/datasets';
import { describe, expect, it } from 'vitest';
import { colourCode } from './colour-code.js';
import { displayWidth, stripEscapes } from './display-width.js';
import { drawPicture } from './draw-picture.js';
import { drawRow } from './draw-row.js';
import { resizePixels } from './resize-pixels.js';

function filled(width: number, height: number, value = 9): Pixels {
  return { data: new Uint8Array(width * height * 3).fill(value), width, height, channels: 3 };
}

const checks: Pixels = {
  data: Uint8Array.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]),
  width: 2,
  height: 2,
  channels: 3,
};

describe('resizePixels', () => {
  it('keeps a picture of the same size, repeats when larger, averages when smaller', () => {
    expect(resizePixels(checks, 2, 2).data).toEqual(checks.data);
    expect([...resizePixels(checks, 4, 4).data.subarray(0, 12)]).toEqual([
      255, 0, 0, 255, 0, 0, 0, 255, 0, 0, 255, 0,
    ]);
    expect([...resizePixels(checks, 1, 1).data]).toEqual([128, 128, 128]);
  });

  it('weighs partly covered pixels by their area', () => {
    const row: Pixels = {
      data: Uint8Array.from([0, 90, 180].flatMap((v) => [v, v, v])),
      width: 3,
      height: 1,
      channels: 3,
    };
    expect([...resizePixels(row, 2, 1).data]).toEqual([30, 30, 30, 150, 150, 150]);
    expect(new Set(resizePixels(filled(37, 23, 77), 8, 5).data)).toEqual(new Set([77]));
  });
});

describe('drawPicture', () => {
  it('puts two pixels in a character', () => {
    expect(drawPicture(checks, { columns: 2, colour: true })).toBe(
      '\u001b[38;2;255;0;0;48;2;0;0;255m▀\u001b[38;2;0;255;0;48;2;255;255;255m▀\u001b[0m',
    );
  });

  it('has the shape of the picture, and one colour code for equal neighbours', () => {
    const lines = drawPicture(filled(64, 32), { columns: 20, colour: true }).split('\n');
    expect(lines).toHaveLength(5);
    for (const line of lines) {
      expect(stripEscapes(line)).toBe('▀'.repeat(20));
      expect(line.match(/38;2/g)).toHaveLength(1);
    }
  });

  it('leaves the lower half of an odd last row to the terminal', () => {
    const lines = drawPicture(filled(3, 3), { columns: 3, colour: true }).split('\n');
    expect(lines[0]).toContain('48;2');
    expect(lines[1]).not.toContain('48;2');
  });

  it('draws nothing without colours', () => {
    expect(drawPicture(checks, { columns: 2, colour: false })).toBe('');
    expect(drawPicture(checks, { columns: 2, colour: 'basic' })).toBe('');
    expect(drawRow([checks], ['x'], { colour: 'none' })).toBe('');
  });

  it('uses the palette of xterm where there are 256 colours', () => {
    expect(drawPicture(checks, { columns: 2, colour: '256' })).toContain('38;5;196;48;5;21m');
    expect(colourCode(48, [128, 128, 128], '256')).toBe('48;5;244');
    expect(colourCode(38, [255, 255, 255], '256')).toBe('38;5;231');
  });

  it('says what does not fit', () => {
    expect(() => drawPicture({ ...checks, width: 3 }, { colour: true })).toThrow(
      '[drawPicture] a picture of 3 x 2',
    );
  });
});

describe('drawRow', () => {
  const looks = { columns: 6, colour: true, width: 15 } as const;

  it('sets pictures side by side over their captions', () => {
    const lines = stripEscapes(drawRow([filled(4, 4), filled(4, 2)], ['a red dog', 'x'], looks)).split('\n');
    expect(lines).toEqual(['▀▀▀▀▀▀  ▀▀▀▀▀▀', '▀▀▀▀▀▀  ▀▀▀▀▀▀', '▀▀▀▀▀▀', 'a red   x', 'dog']);
  });

  it('goes on below when the terminal is full', () => {
    const drawn = stripEscapes(drawRow([filled(2, 2), filled(2, 2), filled(2, 2)], ['a', 'b', 'c'], looks));
    const blocks = drawn.split('\n\n');
    expect(blocks).toHaveLength(2);
    expect(blocks[1]!.split('\n').at(-1)).toBe('c');
    expect(Math.max(...drawn.split('\n').map(displayWidth))).toBeLessThanOrEqual(15);
  });

  it('shrinks a picture to a narrow terminal', () => {
    expect(
      stripEscapes(drawRow([filled(2, 2)], [], { columns: 24, colour: true, width: 5 })).split('\n')[0],
    ).toBe('▀▀▀▀▀');
  });
});
