import { COCO_OBJECTS, ObjectFinder } from './chair-objects.js';
import { checkIds, checkText } from './check-samples.js';
import { describe, EvaluationError } from './evaluation-error.js';
import type { SampleSums } from './resampling/sample-sums.js';
import { tokenizePtb } from './tokenize-ptb.js';

/** A caption with what is in its picture. */
export interface ChairSample {
  /** Names the image; may occur once. */
  readonly id: string;
  /** The caption under test. */
  readonly hypothesis: string;
  /** Names of things in the picture, e.g. of its annotated boxes. */
  readonly objects: readonly string[];
  /** Captions of people: what they mention is in the picture, too. */
  readonly references?: readonly string[];
}

/** Options of {@link chair}. */
export interface ChairOptions {
  /**
   * Groups of names of one thing. Default: the 80 names of MSCOCO without synonyms, so that a "man" is no person; the
   * published numbers need the list of CHAIR's authors, see `parseObjectSynonyms`.
   */
  readonly synonyms?: readonly (readonly string[])[];
}

/** What {@link chair} returns; fractions 0..1. */
export interface ChairResult {
  /** Mentions of things that are not there, among all mentions of things. */
  chairI: number;
  /** Captions with such a mention, among all captions. */
  chairS: number;
  /** Things of the pictures that their captions mention, among all things of the pictures. */
  recall: number;
  perSample: {
    /** Mentioned things in their order. */
    mentioned: string[];
    /** Those that are not there. */
    hallucinated: string[];
    /** Things of the picture that the caption mentions, and all of them. */
    found: number;
    present: number;
  }[];
}

type ChairScores = Pick<ChairResult, 'chairI' | 'chairS' | 'recall'>;

/** The scores of summed counts `[mentions, hallucinated mentions, hallucinating captions, found, present]`. */
function scoresOf(counts: ArrayLike<number>, captions: number): ChairScores {
  const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  return {
    chairI: share(counts[1]!, counts[0]!),
    chairS: share(counts[2]!, captions),
    recall: share(counts[3]!, counts[4]!),
  };
}

function countsOf({ mentioned, hallucinated, found, present }: ChairResult['perSample'][number]): number[] {
  return [mentioned.length, hallucinated.length, hallucinated.length > 0 ? 1 : 0, found, present];
}

/** One of the scores as a function of sums, for intervals and tests between runs. */
export function chairSums({ perSample }: ChairResult, score: keyof ChairScores): SampleSums {
  return { rows: perSample.map(countsOf), score: (sums, count) => scoresOf(sums, count)[score] };
}

/**
 * CHAIR (Rohrbach et al., EMNLP 2018): how much of what a caption mentions is not in the picture. A thing is in the
 * picture if it is annotated or if a person's caption mentions it. Plurals are undone by rules of our own, not by the
 * library of the original, which differs on rare words.
 *
 * @throws EvaluationError if samples is empty, an id occurs twice, or an object is in no group of synonyms
 */
export function chair(samples: readonly ChairSample[], options: ChairOptions = {}): ChairResult {
  checkIds('chair', samples);
  const finder = new ObjectFinder(options.synonyms ?? COCO_OBJECTS.map((name) => [name]));
  const sums = [0, 0, 0, 0, 0];
  const perSample = samples.map(({ id, hypothesis, objects, references = [] }) => {
    checkText('chair', id, 'hypothesis', hypothesis);
    const present = new Set<string>();
    for (const object of objects) {
      const thing = finder.thingOf(object);
      if (!thing) {
        throw new EvaluationError(
          'chair',
          `object ${describe(object)} of sample ${describe(id)} is in no group of synonyms`,
          'add it to a group, or leave it out',
        );
      }
      present.add(thing);
    }
    references.forEach((reference, r) => {
      checkText('chair', id, `references[${r}]`, reference);
      for (const thing of finder.find(tokenizePtb(reference))) present.add(thing);
    });
    const mentioned = finder.find(tokenizePtb(hypothesis));
    const hallucinated = mentioned.filter((thing) => !present.has(thing));
    const found = new Set(mentioned.filter((thing) => present.has(thing))).size;
    const own = { mentioned, hallucinated, found, present: present.size };
    countsOf(own).forEach((value, i) => {
      sums[i]! += value;
    });
    return own;
  });
  return { ...scoresOf(sums, samples.length), perSample };
}
