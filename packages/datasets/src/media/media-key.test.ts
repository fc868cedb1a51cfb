import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { mediaKey } from './media-key.js';

const plain = (background: { r: number; g: number; b: number }) =>
  sharp({ create: { width: 8, height: 4, channels: 3, background } });

describe('mediaKey', () => {
  it('follows the bytes, not the place', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ocelli-key-'));
    const [one, two] = [join(directory, '1.png'), join(directory, '2.png')];
    const data = await plain({ r: 255, g: 0, b: 0 }).png().toBuffer();
    await writeFile(one, data);
    await writeFile(two, data);
    const key = await mediaKey({ kind: 'file', path: one });
    expect(await mediaKey({ kind: 'file', path: two })).toBe(key);
    expect(await mediaKey({ kind: 'bytes', data })).toBe(key);
    await writeFile(two, await plain({ r: 0, g: 0, b: 9 }).png().toBuffer());
    expect(await mediaKey({ kind: 'file', path: two })).not.toBe(key);
    expect(await mediaKey({ kind: 'rendered', key: 'a/b', render: () => Promise.reject() })).toBe(
      'rendered:a/b',
    );
    const data6 = new Uint8Array(6);
    expect(await mediaKey({ kind: 'pixels', data: data6, width: 1, height: 2, channels: 3 })).not.toBe(
      await mediaKey({ kind: 'pixels', data: data6, width: 2, height: 1, channels: 3 }),
    );
  });
});
