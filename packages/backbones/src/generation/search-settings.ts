import { OcelliError } from '@ocelli/ops';
import type { EncoderDecoder } from '../model/encoder-decoder.js';
import type { LanguageModel } from '../model/language-model.js';
import { beamCandidates } from './beam-search.js';
import type { SessionOptions } from './decoding-session.js';
import type { Prefix } from './prefix.js';
import { ruleProcessors } from './rule-processors.js';
import { type SamplingOptions, samplingFilters } from './sampling.js';
import {
  badWords,
  minNewTokens,
  noRepeatNgrams,
  onlyAnswers,
  repetitionPenalty,
  type ScoreProcessor,
  suppressedTokens,
} from './score-processors.js';
import type { SearchSettings } from './search.js';
import { holdsStop, type StopStrings } from './stop-strings.js';

/** What may follow and what may not, as transformers defines it. The text so far is the prompt (after its prefix) and the new tokens. */
export interface ScoreOptions {
  /**
   * Divides the positive scores of tokens that the text holds and multiplies the negative ones: above 1 discourages
   * repetition. Of logits; of log-probabilities in beam search. Default 1.
   */
  readonly repetitionPenalty?: number;
  /** No run of so many tokens occurs twice in the text. Default 0: any may. */
  readonly noRepeatNgrams?: number;
  /** No end id before so many new tokens. Default 0. */
  readonly minNewTokens?: number;
  /** Sequences of ids that may not be completed. */
  readonly badWords?: readonly (readonly number[])[];
  /** Ids that never come. */
  readonly suppressedTokens?: readonly number[];
  /** Nothing comes but one of these, followed by an end id: ids as the tokenizer gives them. */
  readonly onlyAnswers?: readonly (readonly number[])[];
}

/** What `generate` and the streams share. */
export interface DecodingOptions extends SessionOptions, ScoreOptions {
  /** At most this many tokens are added, an end id included. */
  readonly maxNewTokens: number;
  /** A token, or several, that end a sequence; the model's `endId` by default. */
  readonly endId?: number | readonly number[];
  /** Draws tokens instead of taking the likeliest. */
  readonly sampling?: SamplingOptions;
  /** Texts that end a sequence. */
  readonly stop?: StopStrings;
  /** What every prompt continues: see `createPrefix`. */
  readonly prefix?: Prefix;
}

/** Checked settings of one call. */
export function searchSettings(
  model: LanguageModel | EncoderDecoder,
  options: DecodingOptions,
  { lengthPenalty = 1, beams = 1 }: { readonly lengthPenalty?: number; readonly beams?: number } = {},
): SearchSettings {
  const { config } = model;
  const { maxNewTokens, endId = endIdsOf(config), sampling, stop } = options;
  if (!Number.isInteger(maxNewTokens) || maxNewTokens < 1)
    throw wrong(`maxNewTokens must be a whole number >= 1, got ${maxNewTokens}`);
  if (!Number.isFinite(lengthPenalty)) throw wrong(`lengthPenalty must be a number, got ${lengthPenalty}`);
  const endIds = new Set(typeof endId === 'number' ? [endId] : endId);
  const constraints = scoreProcessors(options, endIds, config.vocabularySize);
  const rules = 'decodingRules' in config ? ruleProcessors(config.decodingRules, maxNewTokens, endIds) : [];
  const { repetitionPenalty: penalty = 1 } = options;
  const processors = [...constraints, ...rules, ...(sampling ? samplingFilters(sampling) : [])];
  const candidates = beams > 1 ? beamCandidates(beams, endIds) : 1;
  return {
    maxNewTokens,
    lengthPenalty,
    endIds,
    stops: stop ? holdsStop(stop) : () => false,
    normalized: beams > 1 || penalty === 1,
    processors,
    best: sampling || processors.length > 0 ? undefined : candidates,
  };
}

function endIdsOf(config: (LanguageModel | EncoderDecoder)['config']): number | readonly number[] {
  return 'endIds' in config && config.endIds ? config.endIds : config.endId;
}

/** The processors that the options ask for, in transformers' order. */
function scoreProcessors(
  options: ScoreOptions,
  endIds: ReadonlySet<number>,
  vocabulary: number,
): ScoreProcessor[] {
  const { repetitionPenalty: penalty = 1, noRepeatNgrams: size = 0, minNewTokens: minimum = 0 } = options;
  const { badWords: words = [], suppressedTokens: suppressed = [], onlyAnswers: answers } = options;
  if (!(penalty > 0 && penalty < Number.POSITIVE_INFINITY))
    throw wrong(`repetitionPenalty must be above 0, got ${penalty}`);
  for (const [name, value] of Object.entries({ noRepeatNgrams: size, minNewTokens: minimum })) {
    if (!Number.isInteger(value) || value < 0)
      throw wrong(`${name} must be a whole number >= 0, got ${value}`);
  }
  for (const [name, lists] of Object.entries({ badWords: words, onlyAnswers: answers ?? [] })) {
    if (lists.some(({ length }) => length === 0)) throw wrong(`${name} holds an empty list; leave it out`);
    checkIds(name, lists.flat(), vocabulary);
  }
  checkIds('suppressedTokens', suppressed, vocabulary);
  if (answers?.length === 0) throw wrong('onlyAnswers is empty; leave it out or give answers');
  return [
    ...(penalty === 1 ? [] : [repetitionPenalty(penalty)]),
    ...(size === 0 ? [] : [noRepeatNgrams(size)]),
    ...(words.length === 0 ? [] : [badWords(words, endIds)]),
    ...(minimum === 0 ? [] : [minNewTokens(minimum, endIds)]),
    ...(answers ? [onlyAnswers(answers, endIds)] : []),
    ...(suppressed.length === 0 ? [] : [suppressedTokens(suppressed)]),
  ];
}

function checkIds(name: string, ids: readonly number[], vocabulary: number): void {
  const stranger = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabulary);
  if (stranger !== undefined)
    throw wrong(`${name} has the id ${stranger}, the model knows 0 to ${vocabulary - 1}`);
}

function wrong(message: string): OcelliError {
  return new OcelliError('generate', message);
}
