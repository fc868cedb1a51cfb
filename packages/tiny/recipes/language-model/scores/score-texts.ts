import type { LanguageModel } from '@ocelli/backbones';
import { noGrad, scope, tensor } from '@ocelli/ops';
import type { EncodeText } from '../tokenizer/make-tokenizer.js';
import { encodeLearntText, learntBatch } from '../training/sequences.js';

/** How well the model foretells texts that it never saw. */
export interface TextScores {
  /** exp of the mean loss per token. */
  readonly perplexity: number;
  /** The same losses per character of text: comparable between tokenizers. */
  readonly bitsPerCharacter: number;
}

const textsPerBatch = 64;

/** Scores held-out texts, each as `</s>{text}</s>`. */
export async function scoreTexts(
  model: LanguageModel,
  encode: EncodeText,
  texts: readonly string[],
): Promise<TextScores> {
  let loss = 0;
  let tokens = 0;
  const sequences = texts.map((target) => encodeLearntText({ prompt: '', target }, encode));
  sequences.sort((a, b) => a.ids.length - b.ids.length);
  for (let i = 0; i < sequences.length; i += textsPerBatch) {
    const { input, rows, targets } = learntBatch(sequences.slice(i, i + textsPerBatch));
    const mean = noGrad(() => scope(() => model.loss({ input, logitRows: tensor(rows) }, tensor(targets))));
    loss += (await mean.item()) * targets.length;
    tokens += targets.length;
    mean.dispose();
  }
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  return { perplexity: Math.exp(loss / tokens), bitsPerCharacter: loss / Math.LN2 / characters };
}
