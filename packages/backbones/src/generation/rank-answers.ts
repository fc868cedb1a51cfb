import { OcelliError } from '@ocelli/ops';
import type { LanguageModel } from '../model/language-model.js';
import { checkPrompts } from './check-prompts.js';
import { type BatchHooks, DecodingSession, type SessionOptions } from './decoding-session.js';
import { checkPrefix, type Prefix } from './prefix.js';

/** What `rankAnswers` ranks, and how. */
export interface RankOptions extends SessionOptions {
  /** Token ids; prompts may differ in length. */
  readonly prompts: readonly (readonly number[])[];
  /** Token ids of each candidate, with the end id if it is to count: without one, an answer that begins another beats it. */
  readonly answers: readonly (readonly number[])[];
  /** Scores are divided by length^lengthPenalty: 0 (the default) is the likelihood, 1 the mean over an answer's tokens. */
  readonly lengthPenalty?: number;
  /** What every prompt continues: see `createPrefix`. */
  readonly prefix?: Prefix;
  /** Most answers in one forward pass; each keeps its prompt's keys and values meanwhile. Default 64. */
  readonly batchSize?: number;
}

/** A candidate with its rank's reason. */
export interface RankedAnswer {
  /** Its index in `answers`. */
  readonly answer: number;
  /** Sum of its tokens' log-probabilities. */
  readonly logProbability: number;
  /** logProbability / tokens^lengthPenalty. */
  readonly score: number;
}

/**
 * Ranks a closed list of answers by their likelihood after each prompt. Prompts run once; answers continue their keys and
 * values in batches, and only the logits of their own tokens are made. Without a cache (`cached: false`) each token is
 * scored by a pass over the text before it, as such hooks see that text differently when more of it is there.
 *
 * @returns for each prompt all answers, the best first; of equal ones the first.
 */
export async function rankAnswers(model: LanguageModel, options: RankOptions): Promise<RankedAnswer[][]> {
  const { prompts, answers, lengthPenalty = 0, prefix, batchSize = 64, cached = true } = options;
  checkPrefix('rankAnswers', model, options);
  if (!Number.isFinite(lengthPenalty))
    throw new OcelliError('rankAnswers', `lengthPenalty must be a number, got ${lengthPenalty}`);
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new OcelliError('rankAnswers', `batchSize must be a whole number >= 1, got ${batchSize}`);
  checkAnswers(answers, model.config.vocabularySize);
  const longest = answers.reduce((most, { length }) => Math.max(most, length), 1);
  checkPrompts(prompts, longest, model.config, prefix?.ids.length);
  options.signal?.throwIfAborted();
  if (prompts.length === 0) return [];
  const score = cached ? scoreTogether : scoreAnew;
  const sums = await score(model, options, batchSize);
  return sums.map((row) =>
    Array.from(row, (logProbability, answer) => ({
      answer,
      logProbability,
      score: logProbability / answers[answer]!.length ** lengthPenalty,
    })).sort((a, b) => b.score - a.score),
  );
}

/** Sums of log-probabilities, `[prompts][answers]`, with prompts and answers in batches. */
async function scoreTogether(
  model: LanguageModel,
  { prompts, answers, ...settings }: RankOptions,
  batchSize: number,
): Promise<Float64Array[]> {
  const session = new DecodingSession(model, settings);
  try {
    const { values: first } = await session.begin(prompts);
    const sums = prompts.map((_, prompt) =>
      Float64Array.from(answers, ([id]) => first[prompt * model.config.vocabularySize + id!]!),
    );
    // Answers of a similar length share a batch, for little padding.
    const longer = answers.flatMap(({ length }, answer) =>
      length > 1 ? prompts.map((_, prompt) => ({ prompt, answer })) : [],
    );
    longer.sort((a, b) => answers[a.answer]!.length - answers[b.answer]!.length);
    for (let begin = 0; begin < longer.length; begin += batchSize) {
      const part = longer.slice(begin, begin + batchSize);
      const scores = await session.score(
        part.map(({ prompt }) => prompt),
        part.map(({ answer }) => answers[answer]!),
      );
      let next = 0;
      for (const { prompt, answer } of part)
        for (let token = 1; token < answers[answer]!.length; token++)
          sums[prompt]![answer]! += scores[next++]!;
    }
    return sums;
  } finally {
    session.dispose();
  }
}

/** The same, by a pass over the text before each token, alone; beginnings that answers share are run once. */
async function scoreAnew(
  model: LanguageModel,
  { prompts, answers, hooks = () => [], ...settings }: RankOptions,
): Promise<Float64Array[]> {
  const next = new Map<string, { before: readonly number[]; wanted: { answer: number; id: number }[] }>();
  for (const [answer, tokens] of answers.entries()) {
    for (const [place, id] of tokens.entries()) {
      const before = tokens.slice(0, place);
      const same = next.get(before.join()) ?? { before, wanted: [] };
      same.wanted.push({ answer, id });
      next.set(before.join(), same);
    }
  }
  const sums = prompts.map(() => new Float64Array(answers.length));
  for (const [prompt, ids] of prompts.entries()) {
    const ownHooks: BatchHooks = (rows) => hooks(rows.map(() => prompt));
    for (const { before, wanted } of next.values()) {
      const session = new DecodingSession(model, { ...settings, hooks: ownHooks });
      const { values: scores } = await session.begin([[...ids, ...before]]);
      for (const { answer, id } of wanted) sums[prompt]![answer]! += scores[id]!;
    }
  }
  return sums;
}

function checkAnswers(answers: readonly (readonly number[])[], vocabulary: number): void {
  if (answers.length === 0) throw new OcelliError('rankAnswers', 'there are no answers; give at least one');
  for (const [index, answer] of answers.entries()) {
    if (answer.length === 0)
      throw new OcelliError('rankAnswers', `answer ${index} is empty; leave it out or give it the end id`);
    const stranger = answer.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabulary);
    if (stranger !== undefined) {
      throw new OcelliError(
        'rankAnswers',
        `answer ${index} has the id ${stranger}, the model knows 0 to ${vocabulary - 1}; ` +
          `encode it with the model's own tokenizer`,
      );
    }
  }
}
