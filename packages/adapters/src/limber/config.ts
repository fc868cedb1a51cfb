import { z } from 'zod';

/** Configuration of LiMBeR. */
export const limberSchema = z.strictObject({
  /** `class`: the last block's [CLS] only (LiMBeR(1)); `all`: every token of the last block, as in the paper. */
  tokens: z.enum(['class', 'all']).default('class'),
});

export type LimberConfig = z.infer<typeof limberSchema>;
