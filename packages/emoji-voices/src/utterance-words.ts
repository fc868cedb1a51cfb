import { type Concept, Random } from '@ocelli/emoji-scenes';
import type { UtteranceFacts } from './utterance.js';

/** What a question about a recording is about. */
export type UtteranceQuestionType = 'object' | 'speaker' | 'repetition' | 'kind' | 'presence';

/** A question about a recording with the answers that count as right. */
export interface UtteranceQuestion {
  readonly type: UtteranceQuestionType;
  readonly question: string;
  readonly answers: readonly string[];
}

/**
 * What people may say of the recording; the first is the canonical caption, which training uses:
 * "a woman says red apple twice".
 */
export function utteranceCaptionsOf({ concept, speaker, repetition }: UtteranceFacts): string[] {
  const { label } = concept;
  return [
    `${speaker} says ${label} ${repetition}`,
    `${speaker} says the words ${label} ${repetition}`,
    `a recording of ${speaker} who says ${label} ${repetition}`,
    `${speaker} can be heard saying ${label} ${repetition}`,
    `${label} is said ${repetition} by ${speaker}`,
  ];
}

/**
 * The five questions about a recording, one of each type. For `presence` the answer is "yes" or "no" with equal chance,
 * the thing asked for when it is "no" drawn uniformly from the others. Drawn from `Random(id + "/questions")`.
 */
export function utteranceQuestionsOf(
  id: string,
  { concept, speaker, repetition }: UtteranceFacts,
  concepts: readonly Concept[],
): UtteranceQuestion[] {
  const random = new Random(`${id}/questions`);
  const present = random.below(2) === 0;
  const others = concepts.filter((one) => one.id !== concept.id);
  const asked = present || others.length === 0 ? concept : random.pick(others);
  return [
    { type: 'object', question: 'what is said?', answers: [concept.label] },
    { type: 'speaker', question: 'who speaks?', answers: [speaker] },
    { type: 'repetition', question: 'how often is it said?', answers: [repetition] },
    { type: 'kind', question: 'what kind of thing is it?', answers: [concept.group] },
    {
      type: 'presence',
      question: `is ${asked.label} said?`,
      answers: [asked === concept ? 'yes' : 'no'],
    },
  ];
}
