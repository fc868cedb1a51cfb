import type { Hooks, LanguageModel } from '@ocelli/backbones';
import { captionsOf, type QuestionType, Random } from '@ocelli/emoji-scenes';
import { scope } from '@ocelli/ops';
import { questionPrompt, questionsAbout, type Sources } from '../text/documents.js';
import { isHeldOutScene, plainFacts, randomScene, type WrittenScene } from '../text/facts.js';
import type { Thing } from '../text/things.js';
import type { OpenTokenizer } from '../tokenizer/make-tokenizer.js';
import { beginId } from '../tokenizer/special-tokens.js';
import { slotHook, slotsOf } from '../training/slot.js';
import { decodeGreedily } from './decode-greedily.js';

/** How the model is told the facts: as words before `</s>`, or compressed into one slot. */
export type Channel = 'words' | { readonly firstLayer: number };

/** Shares of exactly right texts, 0 to 1. */
export type SceneScores = Readonly<Record<'caption' | QuestionType, number>>;

/** `count` scenes of things in combinations that no training text shows. */
export function heldOutScenes(things: readonly Thing[], count: number, seed: string): WrittenScene[] {
  const random = new Random(seed);
  const scenes: WrittenScene[] = [];
  while (scenes.length < count) {
    const scene = randomScene(random.pick(things), random);
    if (isHeldOutScene(scene)) scenes.push(scene);
  }
  return scenes;
}

/** Tells the model the three facts of each scene and asks for the caption and the five answers. */
export async function scoreScenes(
  model: LanguageModel,
  { tokenizer, encode }: OpenTokenizer,
  sources: Sources,
  scenes: readonly WrittenScene[],
  channel: Channel,
): Promise<SceneScores> {
  const random = new Random('scores');
  const asked = scenes.map((scene) => questionsAbout(scene, sources.things, random));
  const facts = scenes.map((scene) => encode(plainFacts(scene)));

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
    return right.length / scenes.length;
  };

  const scores: Partial<Record<'caption' | QuestionType, number>> = {
    caption: await shareRight(
      scenes.map(() => ''),
      scenes.map((scene) => captionsOf(scene)[0]!),
    ),
  };
  for (const [i, { type }] of asked[0]!.entries()) {
    scores[type] = await shareRight(
      asked.map((questions) => questionPrompt(questions[i]!)),
      asked.map((questions) => questions[i]!.answers[0]!),
    );
  }
  return scores as SceneScores;
}
