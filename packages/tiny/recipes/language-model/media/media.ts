import type { Random } from '@ocelli/emoji-scenes';
import { clips } from './clips.js';
import type { Medium } from './medium.js';
import { pictures } from './pictures.js';
import { recordings } from './recordings.js';

/** What the language model can tell of. */
export const media: readonly Medium[] = [pictures, clips, recordings];

/** Half of what texts tell of is pictures, a quarter each clips and recordings. */
export function pickMedium(random: Random): Medium {
  return [pictures, pictures, clips, recordings][random.below(4)]!;
}
