import type { Adapter, AdapterInputs } from '@ocelli/adapters';
import { generate, type LanguageModel, type Tokenizer } from '@ocelli/backbones';
import { gatherRows, OcelliError, type Tensor, tensor } from '@ocelli/ops';
import { promptTokens, textFrame } from '@ocelli/training';

/** How text is generated. */
export interface GenerationOptions {
  /** 1 (the default) is greedy decoding, more is beam search. */
  readonly beams?: number;
  /** At most so many tokens. Default 30. */
  readonly maxNewTokens?: number;
  readonly signal?: AbortSignal;
}

/** The parts that text is generated with. */
export interface Generator {
  readonly languageModel: LanguageModel;
  readonly tokenizer: Tokenizer;
  readonly adapter: Adapter;
  readonly inputs: AdapterInputs;
}

/**
 * One text for each prompt (an empty one asks for a caption): all in one batch, or one by one without a key-value cache
 * where the adapter's is not exact.
 *
 * @param features `[prompts, layers, tokens, width]` as the adapter asks for them; the caller frees them.
 */
export async function generateTexts(
  { languageModel, tokenizer, adapter, inputs }: Generator,
  features: Tensor,
  prompts: readonly string[],
  { beams = 1, maxNewTokens = 30, signal }: GenerationOptions = {},
): Promise<string[]> {
  if (features.shape[0] !== prompts.length) {
    throw new OcelliError(
      'generate',
      `there are ${prompts.length} prompts and features of ${features.shape[0]} pictures; give one each`,
    );
  }
  const frame = textFrame(tokenizer, languageModel.config, inputs.answerToken);
  const suffix = inputs.questionSuffix ?? '';
  const sequences = await generate(languageModel, {
    prompts: prompts.map((prompt) => promptTokens(tokenizer, frame, prompt && `${prompt}${suffix}`)),
    hooks: (rows) => adapter.hooks(gatherRows(features, tensor(rows))),
    beams,
    maxNewTokens,
    cached: adapter.causal,
    ...(signal ? { signal } : {}),
  });
  return sequences.map(({ ids }) => tokenizer.decode(ids, { skipSpecialTokens: true }).trim());
}
