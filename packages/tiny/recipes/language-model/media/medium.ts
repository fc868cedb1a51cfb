import { hashText, type Random } from '@ocelli/emoji-scenes';
import type { Thing } from '../text/things.js';

/** Something that can be known of a picture, clip or recording, beside the thing itself. */
export interface Fact {
  /** The type of question that it answers: "count". */
  readonly name: string;
  /** In its plainest words: "three". */
  readonly plain: string;
  /** As people may put it: "three of them". */
  readonly ways: readonly string[];
}

/** A question with the answers that count as right. */
export interface Asked {
  readonly type: string;
  readonly question: string;
  readonly answers: readonly string[];
}

/** What a picture, clip or recording shows. It stands for one that need not be drawn or spoken. */
export interface Shown {
  readonly medium: Medium;
  readonly thing: Thing;
  /** Which of each fact's values: `medium.values`. */
  readonly chosen: readonly number[];
  readonly facts: readonly Fact[];
  /** Thing and first fact in one phrase, where people put it so: "three red apples". */
  readonly phrase?: string;
  /** The first is the canonical one. */
  readonly captions: readonly string[];
  /** @param things one of them is asked for where the answer is "no" */
  questions(id: string, things: readonly Thing[]): readonly Asked[];
}

/** A kind of sample that text tells of: its facts beside the thing, and its words. */
export interface Medium {
  readonly name: 'picture' | 'clip' | 'recording';
  /** Types of its questions, in order. */
  readonly questionTypes: readonly string[];
  /** Number of values of each fact beside the thing. */
  readonly values: readonly number[];
  show(thing: Thing, chosen: readonly number[]): Shown;
  /** Whether the data set of drawn things keeps this combination from training. */
  isHeldOut(thing: Thing, chosen: readonly number[]): boolean;
}

/** The thing with every fact uniform, as in the data sets. */
export function showRandomly(medium: Medium, thing: Thing, random: Random): Shown {
  return medium.show(
    thing,
    medium.values.map((count) => random.below(count)),
  );
}

/**
 * Whether no text may show this combination: it is held out from the data set too (so that `unseen-pair` is new to the
 * language model as well), or, of a thing that is never drawn, it is one in ten.
 */
export function isHeldOutShown({ medium, thing, chosen, facts }: Shown): boolean {
  const isDrawn = Object.keys(thing.names).length > 0;
  if (isDrawn) return medium.isHeldOut(thing, chosen);
  return hashText([thing.label, ...facts.map(({ plain }) => plain)].join('/')) % 10 === 0;
}

/** What is known of something in the plainest words, for measuring: "red apple. three. blue". */
export function plainFacts({ thing, facts }: Shown): string {
  return [thing.label, ...facts.map(({ plain }) => plain)].join('. ');
}
