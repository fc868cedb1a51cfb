import { OcelliError } from '@ocelli/ops';
import type { EncoderDecoder } from '../model/encoder-decoder.js';
import type { LanguageModel } from '../model/language-model.js';
import { BeamSearch, type EarlyStopping } from './beam-search.js';
import { checkPrompts } from './check-prompts.js';
import type { BatchHooks, SessionSettings } from './decoding-session.js';
import { type NextScores, rowsOf } from './next-scores.js';
import { checkPrefix, type Prefix } from './prefix.js';
import { drawFor } from './sampling.js';
import type { GeneratedSequence, Search } from './search.js';
import { type DecodingOptions, searchSettings } from './search-settings.js';
import { openSession } from './session.js';
import { textBeforeStop } from './stop-strings.js';
import { likeliest, TokenSearch } from './token-search.js';

/** How `generate` decodes. */
export interface GenerateOptions extends DecodingOptions {
  /** Token ids; prompts may differ in length. An encoder-decoder model encodes them. */
  readonly prompts: readonly (readonly number[])[];
  /** 1 (the default) is greedy decoding, or sampling; more is beam search. */
  readonly beams?: number;
  /** Scores are divided by length^lengthPenalty: 1 (the default) is the mean, above it favours long sequences. */
  readonly lengthPenalty?: number;
  /** When beam search stops; default false. */
  readonly earlyStopping?: EarlyStopping;
  /** Sequences per prompt: so many samples, or so many of the best beams. Default 1. */
  readonly returnedSequences?: number;
}

/**
 * Continues prompts, greedily, with beams or by drawing tokens, as transformers 5.18 does (its random numbers aside).
 * The prompts run as one batch, padded on the left and with a key-value cache; sequences leave it as they finish, and
 * several samples share the run over their prompt. A result depends on its own prompt only, never on the others in the
 * batch; without a cache prompts run one by one to that end, as such hooks may see padding too. An encoder-decoder model
 * encodes the prompts and begins with its `decoderStartId`, under the `decodingRules` of its checkpoint.
 *
 * @returns a prompt's `returnedSequences` after the other's: samples in their order, beams best first.
 */
export async function generate(
  model: LanguageModel | EncoderDecoder,
  options: GenerateOptions,
): Promise<GeneratedSequence[]> {
  const { prompts, maxNewTokens, beams = 1, lengthPenalty = 1, earlyStopping = false } = options;
  const {
    hooks = () => [],
    encoderHooks = () => [],
    signal,
    cached = true,
    sampling,
    prefix,
    stop,
    returnedSequences = 1,
  } = options;
  checkWidths(beams, returnedSequences, sampling !== undefined);
  checkPrefix('generate', model, options);
  const settings = searchSettings(model, options, { lengthPenalty, beams });
  checkPrompts(prompts, maxNewTokens, model.config, prefix?.ids.length);
  const searches = prompts.map((prompt, index): Search => {
    const text = textBefore(model, prompt, prefix);
    if (beams > 1) return new BeamSearch(beams, settings, text, earlyStopping);
    const choose = sampling ? drawFor(index, sampling) : likeliest;
    return new TokenSearch(settings, text, returnedSequences, choose);
  });
  signal?.throwIfAborted();
  if (prompts.length === 0) return [];
  const session = { ...options, normalized: settings.normalized, best: settings.best };
  if (cached) {
    await runSearches(model, searches, prompts, session);
  } else {
    for (const [index, search] of searches.entries()) {
      const own =
        (all: BatchHooks): BatchHooks =>
        (rows) =>
          all(rows.map(() => index));
      const ownHooks = { hooks: own(hooks), encoderHooks: own(encoderHooks) };
      await runSearches(model, [search], [prompts[index]!], { ...session, ...ownHooks });
    }
  }
  const sequences = searches.flatMap(({ results }) => results.slice(0, returnedSequences));
  return stop ? sequences.map((each) => ({ ...each, text: textBeforeStop(stop, each.ids) })) : sequences;
}

/** What the new tokens of a prompt continue: of an encoder-decoder model, its decoder's first token. */
export function textBefore(
  model: LanguageModel | EncoderDecoder,
  prompt: readonly number[],
  prefix?: Prefix,
): readonly number[] {
  if ('encode' in model) return [model.config.decoderStartId];
  return prefix ? [...prefix.ids, ...prompt] : prompt;
}

/** Runs the searches of some prompts to their ends, in one batch. */
async function runSearches(
  model: LanguageModel | EncoderDecoder,
  searches: readonly Search[],
  prompts: readonly (readonly number[])[],
  settings: SessionSettings,
): Promise<void> {
  const session = openSession(model, settings);
  try {
    let scores = await session.begin(prompts);
    for (let active = searches; ; ) {
      const { parents, tokens } = advance(active, scores);
      if (tokens.length === 0) return;
      active = active.filter(({ width }) => width > 0);
      scores = await session.step(parents, tokens);
    }
  } finally {
    session.dispose();
  }
}

/** One step of every search, whose sequences follow one another in the batch; returns the batch of the next step. */
function advance(searches: readonly Search[], scores: NextScores): { parents: number[]; tokens: number[] } {
  const parents: number[] = [];
  const tokens: number[] = [];
  let row = 0;
  for (const search of searches) {
    const begin = row;
    row += search.width;
    search.advance(rowsOf(scores, begin, row));
    if (search.width === 0) continue;
    for (const parent of search.parents) parents.push(begin + parent);
    tokens.push(...search.tokens);
  }
  return { parents, tokens };
}

function checkWidths(beams: number, returned: number, sampled: boolean): void {
  for (const [name, value] of Object.entries({ beams, returnedSequences: returned })) {
    if (!Number.isInteger(value) || value < 1)
      throw new OcelliError('generate', `${name} must be a whole number >= 1, got ${value}`);
  }
  if (sampled && beams > 1)
    throw new OcelliError('generate', `${beams} beams and sampling exclude each other; leave one out`);
  if (!sampled && returned > beams) {
    throw new OcelliError(
      'generate',
      `${returned} sequences per prompt need as many beams or sampling; there ${beams === 1 ? 'is 1 beam' : `are ${beams} beams`}`,
    );
  }
}
