import { OcelliError, rotaryFrequencies } from '@ocelli/ops';
import { z } from 'zod';

const factor = z.number().min(1);
const theta = z.number().positive().default(10_000);
const origin = z.number().int().positive();

const scalingSchema = z.discriminatedUnion('rope_type', [
  z.strictObject({ rope_type: z.literal('default'), rope_theta: theta }),
  z.strictObject({ rope_type: z.literal('linear'), rope_theta: theta, factor }),
  z.strictObject({ rope_type: z.literal('dynamic'), rope_theta: theta, factor }),
  z.strictObject({
    rope_type: z.literal('llama3'),
    rope_theta: theta,
    factor,
    low_freq_factor: z.number().positive(),
    high_freq_factor: z.number().positive(),
    original_max_position_embeddings: origin,
  }),
  z.strictObject({
    rope_type: z.literal('yarn'),
    rope_theta: theta,
    factor,
    original_max_position_embeddings: origin,
    attention_factor: z.number().positive().nullish(),
    beta_fast: z.number().positive().nullish(),
    beta_slow: z.number().positive().nullish(),
    mscale: z.number().nullish(),
    mscale_all_dim: z.number().nullish(),
    truncate: z.boolean().default(true),
  }),
]);

/** How a model's rotary frequencies come about: transformers' `rope_parameters`. */
export type RotaryScaling = z.infer<typeof scalingSchema>;

/** The keys of a `config.json` that speak of rotary positions. */
export const rotaryKeys = {
  rope_theta: z.number().positive().nullish(),
  /** As checkpoints had it up to transformers 4. */
  rope_scaling: z.record(z.string(), z.unknown()).nullish(),
  rope_parameters: z.record(z.string(), z.unknown()).nullish(),
};

/**
 * Reads the rotary keys of a configuration: `rope_parameters` of transformers 5, or `rope_scaling` beside `rope_theta`
 * (it goes first, and the theta inside of it).
 *
 * @param maxPositions what `original_max_position_embeddings` is where it is left out.
 * @param origin the path of the file, for messages.
 */
export function parseRotaryScaling(
  config: z.infer<z.ZodObject<typeof rotaryKeys>>,
  maxPositions: number,
  origin: string,
): RotaryScaling {
  const { type, ...given } = config.rope_scaling ?? config.rope_parameters ?? {};
  const rope_type = given.rope_type ?? type ?? 'default';
  const isScaledFrom = rope_type === 'llama3' || rope_type === 'yarn';
  const result = scalingSchema.safeParse({
    ...(config.rope_theta ? { rope_theta: config.rope_theta } : {}),
    ...(isScaledFrom ? { original_max_position_embeddings: maxPositions } : {}),
    ...given,
    rope_type,
  });
  if (result.success) return result.data;
  const source = config.rope_scaling ? 'rope_scaling' : 'rope_parameters';
  throw new OcelliError(
    'rope',
    `${origin}: ${source} of type ${JSON.stringify(rope_type)} is nothing that Ocelli runs:\n${z.prettifyError(result.error)}`,
  );
}

/** What rotary attention multiplies with. */
export interface ScaledRotary {
  /** Radians per position: `[pairs]`. */
  readonly frequencies: Float32Array;
  /** Multiplies queries and keys alike: the scores by its square. 1 but for YaRN. */
  readonly attentionFactor: number;
}

/**
 * The frequencies of each pair of a head, `theta ^ (-i / pairs)`, stretched to longer texts as the model was trained with.
 * `dynamic` (NTK) stretches from `max_position_embeddings` on only, which is as far as Ocelli goes: until there nothing
 * changes.
 *
 * @param pairs half of a head's size.
 */
export function scaledRotary(scaling: RotaryScaling, pairs: number): ScaledRotary {
  const plain = rotaryFrequencies(pairs, scaling.rope_theta);
  switch (scaling.rope_type) {
    case 'default':
    case 'dynamic':
      return { frequencies: plain, attentionFactor: 1 };
    case 'linear': // Chen et al. 2023, arXiv 2306.15595
      return { frequencies: plain.map((frequency) => frequency / scaling.factor), attentionFactor: 1 };
    case 'llama3':
      return { frequencies: plain.map((frequency) => llama3(frequency, scaling)), attentionFactor: 1 };
    case 'yarn':
      return { frequencies: yarn(plain, scaling), attentionFactor: yarnAttentionFactor(scaling) };
  }
}

/** LLaMA 3.1: slow turns are stretched, fast ones stay, those in between are mixed. */
function llama3(frequency: number, scaling: RotaryScaling & { rope_type: 'llama3' }): number {
  const { factor, low_freq_factor: low, high_freq_factor: high } = scaling;
  const turns = (scaling.original_max_position_embeddings * frequency) / (2 * Math.PI); // within the first context
  if (turns < low) return frequency / factor;
  if (turns > high) return frequency;
  const kept = (turns - low) / (high - low);
  return ((1 - kept) * frequency) / factor + kept * frequency;
}

type Yarn = RotaryScaling & { rope_type: 'yarn' };

/** Peng et al. 2023, arXiv 2309.00071: a ramp over the pairs, from those that stay to those that are stretched. */
function yarn(plain: Float32Array, scaling: Yarn): Float32Array {
  const { factor, rope_theta: base, original_max_position_embeddings: context, truncate } = scaling;
  const pairs = plain.length;
  /** The pair, as a real number, that turns so many times within the first context. */
  const pairOf = (turns: number): number =>
    (pairs * Math.log(context / (turns * 2 * Math.PI))) / Math.log(base);
  const first = pairOf(scaling.beta_fast || 32);
  const last = pairOf(scaling.beta_slow || 1);
  const low = Math.max(truncate ? Math.floor(first) : first, 0);
  let high = Math.min(truncate ? Math.ceil(last) : last, 2 * pairs - 1);
  if (low === high) high += 0.001;
  return plain.map((frequency, pair) => {
    const stretched = Math.min(1, Math.max(0, (pair - low) / (high - low)));
    return (frequency / factor) * stretched + frequency * (1 - stretched);
  });
}

function yarnAttentionFactor(scaling: Yarn): number {
  const { factor, attention_factor: given, mscale, mscale_all_dim: all } = scaling;
  const scaleOf = (weight: number): number => (factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1);
  return given ?? (mscale && all ? scaleOf(mscale) / scaleOf(all) : scaleOf(1));
}
