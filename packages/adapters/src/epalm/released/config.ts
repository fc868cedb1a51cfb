import { OcelliError } from '@ocelli/ops';
import { z } from 'zod';
import { type EpalmConfig, epalmSchema } from '../config.js';

/** An off switch of the released code whose on position Ocelli does not follow. */
const off = z.union([z.literal(false), z.null()]).optional();
const flag = z.boolean().nullish();
const count = z.number().int().positive();

/**
 * The keys of the authors' YAML files that decide what an adapter computes and how it decodes. Their other keys name
 * files, batches and learning rates; those that change the arithmetic in a way that a checkpoint does not hold
 * (unfrozen backbones, adapters in the layers, prompts for each layer) are refused.
 */
const schema = z.looseObject({
  injected_hidden_states: count,
  start_layer_idx: z.number().int().nonnegative(),
  end_layer_idx: count,
  /** One linear for all features if the key is there at all; `false` makes the released code fail. */
  shared_connector: flag,
  connector_type: z.literal('linear').nullish(),
  text_step: count.nullish(),
  select_higher_step: flag,
  prompt_tuning: flag,
  prompt_len: count.nullish(),
  /** Of the prompt; true if absent. */
  mlp: flag,
  deep: off,
  nb_prompts: z.literal(1).nullish(),
  use_adapters: off,
  unfreeze_text_layer_norm: off,
  unfreeze_vision_layer_norm: off,
  unfreeze_text_model: off,
  unfreeze_vision_model: off,
  image_res: count.nullish(),
  special_answer_token: z.string().min(1).nullish(),
  num_beams: count.nullish(),
  max_length: count.nullish(),
});

/** What a configuration of the authors says, in Ocelli's terms. */
export interface ReleasedEpalmConfig {
  /** Of the method `epalm`, with `compat: 'reference'`. */
  readonly adapter: EpalmConfig;
  /** Height and width of pictures in pixels, 224 unless the file says otherwise. */
  readonly imageSize: number;
  /** The token between question and answer, or null where that is the end token. */
  readonly answerToken: string | null;
  /** Beams at evaluation; null where the authors sampled (`float32` scripts). */
  readonly beams: number | null;
  /** Most tokens of prompt, padding and answer together. */
  readonly maxLength: number;
}

/**
 * Reads a configuration of the released eP-ALM: its YAML file's content, or what `checkpoint_best.pth` holds under
 * `config`.
 *
 * @param origin the file, for messages.
 * @throws {OcelliError} naming each key that is missing or that asks for what Ocelli does not do.
 */
export function parseReleasedEpalmConfig(config: unknown, origin: string): ReleasedEpalmConfig {
  const result = schema.safeParse(config);
  if (!result.success) {
    throw new OcelliError(
      'epalm',
      `${origin} is not a configuration of the released eP-ALM that Ocelli can follow:\n${z.prettifyError(result.error)}`,
    );
  }
  const released = result.data;
  const shared = released.shared_connector ?? null;
  if (shared === false && released.injected_hidden_states > 1) {
    throw new OcelliError(
      'epalm',
      `${origin}: shared_connector is false, with which the released code makes one linear and looks for ` +
        `${released.injected_hidden_states}; take the key out for one linear per feature, or set it to true`,
    );
  }
  if (released.prompt_tuning && released.prompt_len == null) {
    throw new OcelliError('epalm', `${origin}: prompt_tuning is on, but there is no prompt_len; add it`);
  }
  return {
    adapter: epalmSchema.parse({
      features: released.injected_hidden_states,
      startLayer: released.start_layer_idx,
      endLayer: released.end_layer_idx,
      sharedProjection: shared !== null,
      layerStep: released.text_step ?? 1,
      oncePerFeature: released.select_higher_step ?? false,
      prompt: released.prompt_tuning
        ? { length: released.prompt_len, mlp: released.mlp ?? true }
        : { length: 0 },
      compat: 'reference',
    }),
    imageSize: released.image_res ?? 224,
    answerToken: released.special_answer_token ?? null,
    beams: released.num_beams ?? null,
    maxLength: released.max_length ?? 30,
  };
}

/**
 * What the released code does to pictures before every visual encoder, as a `preprocessor_config.json`: both edges to the
 * size, bicubic, and CLIP's mean and deviation, although neither AugReg's ViT nor TimeSformer was trained with those.
 */
export function releasedImageProcessor(size: number): Record<string, unknown> {
  return {
    image_processor_type: 'ViTImageProcessor',
    do_resize: true,
    size: { height: size, width: size },
    resample: 3,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: [0.48145466, 0.4578275, 0.40821073],
    image_std: [0.26862954, 0.26130258, 0.27577711],
  };
}
