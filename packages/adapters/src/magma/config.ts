import { z } from 'zod';

/** Configuration of MAGMA. */
export const magmaSchema = z.strictObject({
  /** Tokens of the last block that stand before the text: the [CLS] only, or all. */
  tokens: z.enum(['class', 'all']).default('class'),
  /** Bottleneck adapters after each feed-forward. */
  feedForward: z.boolean().default(true),
  /** Bottleneck adapters after each attention. */
  attention: z.boolean().default(false),
  /** The bottleneck is the width divided by this. */
  downsampleFactor: z.number().int().positive().default(4),
});

export type MagmaConfig = z.infer<typeof magmaSchema>;
