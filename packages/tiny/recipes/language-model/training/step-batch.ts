import { Random } from '@ocelli/emoji-scenes';
import type { LanguageModelOptions } from '../options.js';
import { type ContextTexts, contextTexts, plainText, type Sources } from '../text/documents.js';
import type { EncodeText } from '../tokenizer/make-tokenizer.js';
import { encodeLearntText, type LearntBatch, learntBatch, type TokenSequence } from './sequences.js';
import type { SlotContexts } from './slot.js';

/** What one training step reads. */
export interface StepBatch {
  /** Bags of facts, and which of them each of `slotTexts` follows from. */
  readonly slots: SlotContexts;
  /** Captions and questions that see their context through one slot only. */
  readonly slotTexts: LearntBatch;
  /** Texts without a slot, in groups of similar length. */
  readonly plain: readonly LearntBatch[];
  /** Standard deviation of the noise on the slot. */
  readonly slotNoise: number;
  /** Tokens that go through the model, padding not counted. */
  readonly tokens: number;
}

/** The batch of a step: it follows from the seed and the step's number alone, so a run continues where it was killed. */
export function stepBatch(
  sources: Sources,
  encode: EncodeText,
  options: LanguageModelOptions,
  step: number,
): StepBatch {
  const random = new Random(`${options.seed}/step/${step}`);
  const slotNoise = random.next() * options.slotNoise * Math.min(1, (3 * step) / options.steps);

  const groups: ContextTexts[] = [];
  const contexts: number[][] = [];
  while (groups.length < options.contexts) {
    const group = contextTexts(sources, random, options);
    const ids = encode(group.context);
    if (ids.length > options.contextTokens) continue;
    groups.push(group);
    contexts.push(ids);
  }
  const contextOfText = groups.flatMap(({ texts }, context) => texts.map(() => context));
  const slotTexts = learntBatch(
    groups.flatMap(({ texts }) => texts.map((text) => encodeLearntText(text, encode))),
  );

  const plain: TokenSequence[] = [];
  while (plain.length < options.plainTexts) {
    const sequence = encodeLearntText(plainText(sources, random), encode);
    if (sequence.ids.length <= options.maxPositions) plain.push(sequence);
  }
  plain.sort((a, b) => a.ids.length - b.ids.length);
  const cut = Math.floor((plain.length * 2) / 3);
  const plainBatches = [plain.slice(0, cut), plain.slice(cut)]
    .filter(({ length }) => length > 0)
    .map(learntBatch);

  const tokens = [slotTexts.input, ...plainBatches.map(({ input }) => input)].reduce(
    (sum, { mask }) => sum + mask.reduce((a, b) => a + b, 0),
    0,
  );
  return {
    slots: { contexts, contextOfText },
    slotTexts,
    plain: plainBatches,
    slotNoise,
    tokens,
  };
}
