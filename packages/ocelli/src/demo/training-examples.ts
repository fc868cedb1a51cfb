import type { ImageTextExample } from '@ocelli/training';
import type { DemoSample } from './modality.js';
import type { DemoSettings } from './settings.js';

/** Captions and questions of all samples, mixed in one training. */
export function trainingExamples(
  samples: readonly DemoSample[],
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
