import { join } from 'node:path';
import type { ClipSource, ImageSource } from '../sample.js';

/** A picture in a folder. */
export function imageFile(folder: string, ...names: string[]): ImageSource {
  return { kind: 'file', path: join(folder, ...names) };
}

/** A video or recording in a folder, or the part of it between two times in seconds. */
export function clipFile(
  folder: string,
  name: string,
  span?: readonly [start: number, end: number],
): ClipSource {
  return {
    kind: 'file',
    path: join(folder, name),
    ...(span !== undefined && { start: span[0], end: span[1] }),
  };
}

/** The name with an ending, unless it has one. */
export function withEnding(name: string, ending: string): string {
  return /\.[a-z][a-z0-9]{1,4}$/i.test(name) ? name : `${name}${ending}`;
}

/** `COCO_val2014_000000391895.jpg` lies in the folder `val2014`. */
export function cocoFolder(filename: string): string {
  return /^COCO_([a-z]+\d{4})_/.exec(filename)?.[1] ?? '';
}

/** COCO's name of a picture, without ending. */
export function cocoName(subset: string, imageId: number): string {
  return `COCO_${subset}_${String(imageId).padStart(12, '0')}`;
}
