import { z } from 'zod';

/** Configuration of PromptFuse. */
export const promptfuseSchema = z.strictObject({
  /** Soft tokens, the only thing that is trained. */
  promptLength: z.number().int().positive().default(10),
});

export type PromptfuseConfig = z.infer<typeof promptfuseSchema>;
