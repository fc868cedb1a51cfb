import type { EmojiSample } from '@ocelli/emoji-scenes';
import type { ImageTextExample } from '@ocelli/training';
import type { DemoSettings } from './settings.js';

/** Captions and questions of all pictures, mixed in one training. */
export function trainingExamples(
  samples: readonly EmojiSample[],
  { captionWeight, captions }: Pick<DemoSettings, 'captionWeight' | 'captions'>,
): ImageTextExample[] {
  return samples.flatMap(({ text }, item) => {
    const variants = captions === 'first' ? 1 : text.captions.length;
    return [
      ...Array.from({ length: captionWeight }, (_, repeat) => ({
        prompt: '',
        target: text.captions[(item + repeat) % variants]!,
        item,
      })),
      ...text.questions.map(({ question, answers }) => ({ prompt: question, target: answers[0]!, item })),
    ];
  });
}
