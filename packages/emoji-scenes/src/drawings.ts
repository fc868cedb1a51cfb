import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Artist } from './artists.js';
import { type Concept, concepts } from './concepts.js';

/** One drawing as vectors, in the form of Iconify's icons. */
export interface Drawing {
  /** What stands inside `<svg>...</svg>`. */
  readonly body: string;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** `icons.json` of an `@iconify-json` package. */
export interface IconifySet {
  readonly icons: Readonly<Record<string, Partial<Drawing> & { readonly body: string }>>;
  readonly aliases?: Readonly<Record<string, { readonly parent: string }>>;
  readonly width?: number;
  readonly height?: number;
}

/** The drawing that a name or an alias stands for, or undefined. */
export function drawingNamed(set: IconifySet, name: string): Drawing | undefined {
  let known = name;
  while (set.icons[known] === undefined && set.aliases?.[known] !== undefined)
    known = set.aliases[known].parent;
  const icon = set.icons[known];
  return (
    icon && {
      // A copy, so that the parsed file (up to 104 MB) can be freed: a slice of a string keeps the whole alive.
      body: Buffer.from(icon.body).toString(),
      left: icon.left ?? 0,
      top: icon.top ?? 0,
      width: icon.width ?? set.width ?? 16,
      height: icon.height ?? set.height ?? 16,
    }
  );
}

const loaded = new Map<Artist, Promise<Map<number, Drawing>>>();

/** Parses one artist's package (3 to 104 MB) and keeps the drawings of `concepts('all')` only. */
async function load(artist: Artist): Promise<Map<number, Drawing>> {
  const file = createRequire(import.meta.url).resolve(`@iconify-json/${artist}/icons.json`);
  const set = JSON.parse(await readFile(file, 'utf8')) as IconifySet;
  const drawings = new Map<number, Drawing>();
  for (const concept of concepts('all')) {
    const name = concept.names[artist];
    if (name === undefined) continue;
    const drawing = drawingNamed(set, name);
    if (drawing === undefined) {
      throw new Error(
        `[emoji-scenes] ${file} has no icon "${name}" for "${concept.label}"; install the version of @iconify-json/${artist} that package.json names`,
      );
    }
    drawings.set(concept.id, drawing);
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
