import { z } from 'zod';
import { path } from './define-format.js';

/** Where the annotations and videos of a data set in VALUE's form lie. */
export const valueFields = {
  annotations: path('path of the file'),
  videos: path('folder of the videos'),
  ending: z.string().optional().describe('of the names of videos; default .mp4'),
};

/** What these fields hold. */
export interface ValueConfig {
  readonly annotations: string;
  readonly videos: string;
  readonly ending?: string | undefined;
}
