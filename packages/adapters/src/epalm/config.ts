import { z } from 'zod';

/** Configuration of eP-ALM. Defaults are the paper's model in its clean form; layers are counted from 0. */
export const epalmSchema = z.strictObject({
  /**
   * K: how many of the encoder's last blocks give a [CLS] token. Default 6, or as many as
   * there are encoder blocks or layers to take them, if fewer.
   */
  features: z.number().int().positive().optional(),
  /** First language-model layer that gets one. Default: 19/32 of the depth, as 19 of OPT-2.7B's 32 layers. */
  startLayer: z.number().int().nonnegative().optional(),
  /** The layer after the last that gets one. Default: the last layer, which is then the only one above without. */
  endLayer: z.number().int().positive().optional(),
  /** One projection for all K features (true) or one each (false, the default). */
  sharedProjection: z.boolean().default(false),
  /** Inject only into layers whose number is a multiple of this. */
  layerStep: z.number().int().positive().default(1),
  /** Inject each feature once instead of into every layer of its stretch. */
  oncePerFeature: z.boolean().default(false),
  prompt: z
    .strictObject({
      /** Soft tokens before the text; 0 for none. The paper speaks of one, the released models use 10. */
      length: z.number().int().nonnegative().default(1),
      /** Reparametrise them by Linear → tanh → Linear. */
      mlp: z.boolean().default(false),
    })
    .prefault({}),
  /**
   * `clean`: the injected token sees only itself and leaves after its last layer, so nothing leaks from later tokens or
   * padding. `reference`: as the authors released it: it sees every position, padding too, and stays to the end.
   */
  compat: z.enum(['clean', 'reference']).default('clean'),
});

export type EpalmConfig = z.infer<typeof epalmSchema>;
