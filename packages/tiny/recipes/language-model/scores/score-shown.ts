import type { Hooks, LanguageModel } from '@ocelli/backbones';
import { Random } from '@ocelli/emoji-scenes';
import { scope } from '@ocelli/ops';
import { isHeldOutShown, type Medium, plainFacts, type Shown, showRandomly } from '../media/medium.js';
import { questionPrompt, questionsAbout, type Sources } from '../text/documents.js';
import type { Thing } from '../text/things.js';
import type { OpenTokenizer } from '../tokenizer/make-tokenizer.js';
import { beginId } from '../tokenizer/special-tokens.js';
import { slotHook, slotsOf } from '../training/slot.js';
import { decodeGreedily } from './decode-greedily.js';

/** How the model is told the facts: as words before `</s>`, or compressed into one slot. */
export type Channel = 'words' | { readonly firstLayer: number };

/** Shares of exactly right texts, 0 to 1: of captions, and of answers by type of question. */
export type ShownScores = Readonly<Record<string, number>>;

/** `count` pictures, clips or recordings of things in combinations that no training text shows. */
export function heldOutShown(medium: Medium, things: readonly Thing[], count: number, seed: string): Shown[] {
  const random = new Random(seed);
  const list: Shown[] = [];
  while (list.length < count) {
    const shown = showRandomly(medium, random.pick(things), random);
    if (isHeldOutShown(shown)) list.push(shown);
  }
  return list;
}

/** Tells the model the facts of each and asks for the caption and the five answers. */
export async function scoreShown(
  model: LanguageModel,
  { tokenizer, encode }: OpenTokenizer,
  sources: Sources,
  list: readonly Shown[],
  channel: Channel,
): Promise<ShownScores> {
  const random = new Random('scores');
  const asked = list.map((shown) => questionsAbout(shown, sources.things, random));
  const facts = list.map((shown) => encode(plainFacts(shown)));

  const hooks: Hooks[] = [];
  if (channel !== 'words') {
    const contextOfText = facts.map((_, i) => i);
    const slots = scope(() => slotsOf(model, { contexts: facts, contextOfText }));
    hooks.push(slotHook(slots, channel.firstLayer, model.config.layers));
  }
  const shareRight = async (prompts: readonly string[], expected: readonly string[]): Promise<number> => {
    const ids = prompts.map((prompt, i) => [
      ...(channel === 'words' ? facts[i]! : []),
      beginId,
      ...encode(prompt),
    ]);
    const answers = await decodeGreedily(model, ids, hooks);
    const right = answers.filter(
      (answer, i) =>
        answer.length > 0 && tokenizer.decode(answer, { skip_special_tokens: false }) === expected[i],
    );
    return right.length / list.length;
  };

  const scores: Record<string, number> = {
    caption: await shareRight(
      list.map(() => ''),
      list.map(({ captions }) => captions[0]!),
    ),
  };
  for (const [i, { type }] of asked[0]!.entries()) {
    scores[type] = await shareRight(
      asked.map((questions) => questionPrompt(questions[i]!)),
      asked.map((questions) => questions[i]!.answers[0]!),
    );
  }
  return scores;
}
