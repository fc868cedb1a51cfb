import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Artist } from './artists.js';
import { type Concept, concepts } from './concepts.js';

/** One drawing as vectors: what an icon of Iconify's format is. */
export interface Drawing {
  /** What stands inside `<svg>...</svg>`. */
  readonly body: string;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

interface Icon {
  body: string;
  left?: number;
  top?: number;
  width?: number;
  height?: number;
}

interface IconifySet {
  icons: Record<string, Icon>;
  aliases?: Record<string, { parent: string }>;
  width?: number;
  height?: number;
}

const loaded = new Map<Artist, Promise<Map<number, Drawing>>>();

/** Parses one artist's package (3 to 104 MB) and keeps the drawings of `concepts('all')` only. */
async function load(artist: Artist): Promise<Map<number, Drawing>> {
  const file = createRequire(import.meta.url).resolve(`@iconify-json/${artist}/icons.json`);
  const set = JSON.parse(await readFile(file, 'utf8')) as IconifySet;
  const drawings = new Map<number, Drawing>();
  for (const concept of concepts('all')) {
    let name = concept.names[artist];
    if (name === undefined) continue;
    while (set.aliases?.[name] !== undefined && set.icons[name] === undefined)
      name = set.aliases[name]!.parent;
    const icon = set.icons[name];
    if (icon === undefined) {
      throw new Error(
        `[emoji-scenes] ${file} has no icon "${name}" for "${concept.label}"; install the version of @iconify-json/${artist} that package.json names`,
      );
    }
    drawings.set(concept.id, {
      // A copy, so that the parsed file (up to 104 MB) can be freed: a slice of a string keeps the whole alive.
      body: Buffer.from(icon.body).toString(),
      left: icon.left ?? 0,
      top: icon.top ?? 0,
      width: icon.width ?? set.width ?? 16,
      height: icon.height ?? set.height ?? 16,
    });
  }
  return drawings;
}

/**
 * An artist's drawing of a concept. The artist's package is read on the first call and kept.
 * @throws when the artist has not drawn the concept.
 */
export async function drawingOf(artist: Artist, concept: Concept): Promise<Drawing> {
  let drawings = loaded.get(artist);
  if (drawings === undefined) {
    drawings = load(artist);
    loaded.set(artist, drawings);
    drawings.catch(() => loaded.delete(artist));
  }
  const drawing = (await drawings).get(concept.id);
  if (drawing === undefined) {
    throw new Error(
      `[emoji-scenes] ${artist} has no drawing of "${concept.label}"; choose among ${Object.keys(concept.names).join(', ')}`,
    );
  }
  return drawing;
}
