import type { Adapter, AdapterInputs } from '@ocelli/adapters';
import {
  type DecodingOptions,
  generate,
  generateReference,
  type LanguageModel,
  rankAnswers,
  type SamplingOptions,
  streamText,
  type Tokenizer,
} from '@ocelli/backbones';
import { gatherRows, OcelliError, type Tensor, tensor } from '@ocelli/ops';
import { promptTokens, textFrame, tokenizeExample } from '@ocelli/training';

/** How text is generated, one token after the other. */
export interface StreamingOptions {
  /** At most so many tokens. Default 30. */
  readonly maxNewTokens?: number;
  /** Draws tokens instead of taking the likeliest. */
  readonly sampling?: SamplingOptions;
  /** Above 1 discourages tokens that the question or the text so far holds. Default 1. */
  readonly repetitionPenalty?: number;
  /** Texts that end a text and are no part of it. */
  readonly stop?: readonly string[];
  readonly signal?: AbortSignal;
}

/** How text is generated. */
export interface GenerationOptions extends StreamingOptions {
  /** 1 (the default) is greedy decoding, or sampling; more is beam search. */
  readonly beams?: number;
  /**
   * `reference` is beam search as the released eP-ALM does it, for its published numbers (`generateReference`): texts then
   * depend on those of the same batch, and `maxNewTokens` counts the longest prompt too. Default `standard`.
   */
  readonly decoding?: 'standard' | 'reference';
}

/** The parts that text is generated with. */
export interface Generator {
  readonly languageModel: LanguageModel;
  readonly tokenizer: Tokenizer;
  readonly adapter: Adapter;
  readonly inputs: AdapterInputs;
}

/** A candidate answer with its likelihood. */
export interface RankedText {
  readonly answer: string;
  /** Log-probability of the answer and its end, after the picture and the question. */
  readonly logProbability: number;
}

/**
 * One text for each prompt (an empty one asks for a caption): all in one batch, or one by one without a key-value cache
 * where the adapter's is not exact.
 *
 * @param features `[prompts, layers, tokens, width]` as the adapter asks for them; the caller frees them.
 */
export async function generateTexts(
  generator: Generator,
  features: Tensor,
  prompts: readonly string[],
  { beams = 1, stop = [], decoding: how = 'standard', ...options }: GenerationOptions = {},
): Promise<string[]> {
  const { languageModel, tokenizer } = generator;
  if (how === 'reference') {
    if (options.sampling || options.repetitionPenalty !== undefined || stop.length > 0) {
      throw new OcelliError(
        'generate',
        "decoding 'reference' is plain beam search; leave out sampling, repetitionPenalty and stop",
      );
    }
    const { prompts: ids, hooks } = encoded(generator, features, prompts);
    const { maxNewTokens: maxLength = 30, signal } = options;
    const call = { prompts: ids, hooks, beams, maxLength, ...(signal ? { signal } : {}) };
    const answers = await generateReference(languageModel, call);
    return answers.map((answer) => tokenizer.decode(answer.ids, { skipSpecialTokens: true }).trim());
  }
  const sequences = await generate(languageModel, {
    ...encoded(generator, features, prompts),
    ...decoding(options),
    stop: { strings: stop, tokenizer },
    beams,
  });
  return sequences.map(({ text }) => text!.trim());
}

/**
 * The text for one prompt in pieces, as soon as each is certain; together they are what `generateTexts` gives with one
 * beam.
 */
export async function* streamGeneratedText(
  generator: Generator,
  features: Tensor,
  prompt: string,
  { stop = [], ...options }: StreamingOptions = {},
): AsyncGenerator<string, void> {
  const { languageModel, tokenizer } = generator;
  const { prompts, ...others } = encoded(generator, features, [prompt]);
  let space: string | null = null; // what may turn out to be the end's; null before the first word
  const pieces = streamText(languageModel, {
    ...others,
    ...decoding(options),
    prompt: prompts[0]!,
    tokenizer,
    stop,
  });
  for await (const piece of pieces) {
    const text: string = space === null ? piece.trimStart() : space + piece;
    const whole = text.trimEnd();
    if (whole === '') {
      if (space !== null) space = text;
      continue;
    }
    space = text.slice(whole.length);
    yield whole;
  }
}

/**
 * Ranks a closed list of answers to each prompt by their likelihood, the best first.
 *
 * @param features as for `generateTexts`.
 */
export async function rankTexts(
  generator: Generator,
  features: Tensor,
  prompts: readonly string[],
  answers: readonly string[],
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<RankedText[][]> {
  const { languageModel, tokenizer, inputs } = generator;
  const frame = textFrame(tokenizer, languageModel.config, inputs.answerToken);
  const ranked = await rankAnswers(languageModel, {
    ...encoded(generator, features, prompts),
    answers: answers.map((answer) => {
      const { ids, targetBegin } = tokenizeExample(tokenizer, frame, '', answer);
      return Array.from(ids.subarray(targetBegin));
    }),
    ...(signal ? { signal } : {}),
  });
  return ranked.map((list) =>
    list.map(({ answer, logProbability }) => ({ answer: answers[answer]!, logProbability })),
  );
}

/** The options of a part of a longer list, from its item `begin` on: what is drawn for an item does not ask for its part. */
export function optionsOfPart<Options extends GenerationOptions>(options: Options, begin: number): Options {
  const { sampling } = options;
  if (!sampling) return options;
  return { ...options, sampling: { ...sampling, firstPrompt: (sampling.firstPrompt ?? 0) + begin } };
}

/** Prompts as ids, with the hooks that let the language model see. */
function encoded(
  { languageModel, tokenizer, adapter, inputs }: Generator,
  features: Tensor,
  prompts: readonly string[],
): Required<Pick<DecodingOptions, 'hooks' | 'cached'>> & { prompts: number[][] } {
  if (features.shape[0] !== prompts.length) {
    throw new OcelliError(
      'generate',
      `there are ${prompts.length} prompts and features of ${features.shape[0]} pictures; give one each`,
    );
  }
  const frame = textFrame(tokenizer, languageModel.config, inputs.answerToken);
  const suffix = inputs.questionSuffix ?? '';
  return {
    prompts: prompts.map((prompt) => promptTokens(tokenizer, frame, prompt && `${prompt}${suffix}`)),
    hooks: (rows) => adapter.hooks(gatherRows(features, tensor(rows))),
    cached: adapter.causal,
  };
}

function decoding({ maxNewTokens = 30, ...options }: Omit<StreamingOptions, 'stop'>): DecodingOptions {
  const { sampling, repetitionPenalty, signal } = options;
  return {
    maxNewTokens,
    ...(sampling ? { sampling } : {}),
    ...(repetitionPenalty === undefined ? {} : { repetitionPenalty }),
    ...(signal ? { signal } : {}),
  };
}
