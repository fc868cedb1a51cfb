import type { HookList, LanguageModel } from '@ocelli/backbones';
import { scope, tensor } from '@ocelli/ops';
import { padSequences } from '../training/sequences.js';

/** Longest answer in tokens. */
const longestAnswer = 20;

/**
 * What the model says after each prompt, always the likeliest token, up to the `</s>` that ends it. The whole sequence is
 * computed anew at every step: exact and simple, for short texts.
 */
export async function decodeGreedily(
  model: LanguageModel,
  prompts: readonly (readonly number[])[],
  hooks: HookList = [],
): Promise<number[][]> {
  const { endId, vocabularySize } = model.config;
  const answers = prompts.map((): number[] => []);
  const ended = prompts.map(() => false);
  for (let step = 0; step < longestAnswer && ended.includes(false); step++) {
    const input = padSequences(prompts.map((prompt, i) => [...prompt, ...answers[i]!]));
    const rows = prompts.map((prompt, i) => i * input.tokens + prompt.length + answers[i]!.length - 1);
    const logits = scope(
      () => model.forward({ input, hooks, logitRows: tensor(Int32Array.from(rows)) }).logits,
    );
    const values = await logits.data();
    logits.dispose();
    for (const [i, answer] of answers.entries()) {
      if (ended[i]) continue;
      const token = indexOfLargest(values.subarray(i * vocabularySize, (i + 1) * vocabularySize));
      if (token === endId) ended[i] = true;
      else answer.push(token);
    }
  }
  return answers;
}

function indexOfLargest(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
