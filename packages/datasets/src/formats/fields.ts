import { z } from 'zod';

/** An id or another number that some files write as text. */
export const textOrNumber = z.union([z.string(), z.number()]).transform(String);

/** One text, or several. */
export const oneOrMore = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());

/** Seconds, `[start, end]`. */
export const span = z.tuple([z.number(), z.number()]);
