import { OcelliError } from '@ocelli/ops';
import { z } from 'zod';

/** Rules of `generation_config.json` that hold whatever way a text is searched for. */
export interface DecodingRules {
  /** The first token after the decoder's start. */
  readonly forcedFirstId: number | null;
  /** The token at the length limit, one of these. */
  readonly forcedLastIds: readonly number[];
  /** A text ends only behind so many tokens, the decoder's start among them. 0: no rule. */
  readonly minLength: number;
  /** No run of so many tokens comes twice, the decoder's start among them. 0: no rule. */
  readonly noRepeatNgramSize: number;
}

const id = z.number().int().nonnegative();
const count = z.number().int().nonnegative().nullish();
const none = z.union([z.null(), z.literal(0), z.literal(false), z.array(z.unknown()).length(0)]).optional();
const one = z.literal(1).nullish();

/** What decides over tokens, apart from what a caller of `generate` chooses (beams, length penalty, sampling). */
const schema = z.object({
  bos_token_id: z.number().int().nullish(),
  forced_bos_token_id: id.nullish(),
  /** Says, in BART's first files, that the begin token comes first. */
  force_bos_token_to_be_generated: z.boolean().nullish(),
  forced_eos_token_id: z.union([id, z.array(id)]).nullish(),
  min_length: count,
  no_repeat_ngram_size: count,
  bad_words_ids: none,
  begin_suppress_tokens: none,
  diversity_penalty: none,
  encoder_no_repeat_ngram_size: none,
  encoder_repetition_penalty: one,
  exponential_decay_length_penalty: none,
  guidance_scale: one,
  min_new_tokens: none,
  num_beam_groups: one,
  renormalize_logits: none,
  repetition_penalty: one,
  sequence_bias: none,
  suppress_tokens: none,
});

/**
 * Reads the rules of a `generation_config.json`, or of an older `config.json` that has them itself; rules that Ocelli does
 * not know are errors.
 */
export function parseDecodingRules(json: unknown, origin: string): DecodingRules {
  const result = schema.safeParse(json);
  if (!result.success) {
    throw new OcelliError(
      'generation',
      `${origin} asks for a way of decoding that Ocelli does not know:\n${z.prettifyError(result.error)}`,
    );
  }
  const { bos_token_id, forced_bos_token_id, force_bos_token_to_be_generated: isBeginForced } = result.data;
  const { forced_eos_token_id, min_length, no_repeat_ngram_size } = result.data;
  return {
    forcedFirstId: (isBeginForced ? bos_token_id : forced_bos_token_id) ?? null,
    forcedLastIds: [forced_eos_token_id ?? []].flat(),
    minLength: min_length ?? 0,
    noRepeatNgramSize: no_repeat_ngram_size ?? 0,
  };
}
