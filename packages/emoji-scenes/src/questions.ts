import type { Concept } from './concepts.js';
import { Random } from './random.js';
import type { Scene } from './scene.js';
import { numberWords } from './words.js';

/** What a question is about. */
export type QuestionType = 'object' | 'count' | 'colour' | 'kind' | 'presence';

/** A question about a picture with the answers that count as right. */
export interface Question {
  readonly type: QuestionType;
  readonly question: string;
  readonly answers: readonly string[];
}

/**
 * The five questions about a scene, one of each type. For `presence` the answer is "yes" or "no" with equal chance, and
 * the thing asked for when it is "no" is drawn uniformly from the other concepts, so every thing is asked for as often
 * with "yes" as with "no". Drawn from `Random(id + "/questions")`.
 */
export function questionsOf(id: string, scene: Scene, concepts: readonly Concept[]): Question[] {
  const random = new Random(`${id}/questions`);
  const { concept, count, background } = scene;
  const present = random.below(2) === 0;
  const others = concepts.filter((one) => one.id !== concept.id);
  const asked = present || others.length === 0 ? concept : random.pick(others);
  return [
    { type: 'object', question: 'what is in the picture?', answers: [concept.label] },
    { type: 'count', question: 'how many things are there?', answers: [numberWords[count - 1]!] },
    { type: 'colour', question: 'which colour is the background?', answers: [background.name] },
    { type: 'kind', question: 'what kind of thing is it?', answers: [concept.group] },
    {
      type: 'presence',
      question: `is there ${asked.article} ${asked.label}?`,
      answers: [asked === concept ? 'yes' : 'no'],
    },
  ];
}
