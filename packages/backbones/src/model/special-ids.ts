import { z } from 'zod';

const id = z.number().int();

/** The special tokens in a decoder's `config.json`, with transformers' defaults of the architecture. */
export function specialIdsSchema(defaults: { readonly begin: number; readonly end: number }) {
  return {
    bos_token_id: id.nullable().default(defaults.begin),
    /** One, or several that end an answer (LLaMA 3). */
    eos_token_id: z.union([id, z.tuple([id], id)]).default(defaults.end),
    pad_token_id: id.nullable().default(null),
  };
}

/** A language model's special tokens. */
export interface SpecialIds {
  readonly beginId: number;
  readonly endId: number;
  readonly endIds: readonly number[];
  readonly padId: number;
}

/**
 * The special tokens of a configuration that was read with `specialIdsSchema`. What has no begin or padding of its own, or
 * one outside of the vocabulary (-1 in early LLaMA conversions), gets the first end token: padding is never attended to.
 */
export function specialIds(
  config: z.infer<z.ZodObject<ReturnType<typeof specialIdsSchema>>>,
  vocabularySize: number,
): SpecialIds {
  const { eos_token_id: end } = config;
  const endIds = typeof end === 'number' ? [end] : end;
  const endId = endIds[0]!;
  const known = (given: number | null): number =>
    given !== null && given >= 0 && given < vocabularySize ? given : endId;
  return { beginId: known(config.bos_token_id), endId, endIds, padId: known(config.pad_token_id) };
}
