import type { ColourName } from '../colours.js';
import type { Concept } from '../concepts.js';
import { Random } from '../random.js';
import type { Motion } from './motions.js';

/** What words say of a clip. */
export interface ClipFacts {
  readonly concept: Concept;
  readonly motion: Motion;
  readonly background: { readonly name: ColourName };
}

/** What a question about a clip is about. Of a single frame, `motion` cannot be told. */
export type ClipQuestionType = 'object' | 'motion' | 'colour' | 'kind' | 'presence';

/** A question about a clip with the answers that count as right. */
export interface ClipQuestion {
  readonly type: ClipQuestionType;
  readonly question: string;
  readonly answers: readonly string[];
}

/**
 * What people may say of the clip; the first is the canonical caption, which training uses:
 * "a red apple moves left on a blue background".
 */
export function clipCaptionsOf({ concept, motion, background }: ClipFacts): string[] {
  const ground = `${background.name === 'orange' ? 'an' : 'a'} ${background.name} background`;
  const thing = `${concept.article} ${concept.label}`;
  return [
    `${thing} ${motion} on ${ground}`,
    `there is ${thing} that ${motion} on ${ground}`,
    `a video of ${thing} that ${motion} on ${ground}`,
    `${thing} ${motion} in front of ${ground}`,
    `on ${ground} ${thing} ${motion}`,
  ];
}

/**
 * The five questions about a clip, one of each type; `presence` as in `questionsOf` of pictures. Drawn from
 * `Random(id + "/questions")`.
 */
export function clipQuestionsOf(
  id: string,
  { concept, motion, background }: ClipFacts,
  concepts: readonly Concept[],
): ClipQuestion[] {
  const random = new Random(`${id}/questions`);
  const present = random.below(2) === 0;
  const others = concepts.filter((one) => one.id !== concept.id);
  const asked = present || others.length === 0 ? concept : random.pick(others);
  return [
    { type: 'object', question: 'what is in the video?', answers: [concept.label] },
    { type: 'motion', question: 'what does it do?', answers: [motion] },
    { type: 'colour', question: 'which colour is the background?', answers: [background.name] },
    { type: 'kind', question: 'what kind of thing is it?', answers: [concept.group] },
    {
      type: 'presence',
      question: `is there ${asked.article} ${asked.label}?`,
      answers: [asked === concept ? 'yes' : 'no'],
    },
  ];
}
