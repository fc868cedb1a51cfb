import { DatasetError } from './dataset-error.js';
import { hashFraction } from './random.js';
import type { Dataset, Question, Runs, Sample } from './sample.js';
import { GrowingNumbers } from './streams/growing-numbers.js';

/** What is counted: samples (pictures with all their text), or texts (captions and questions). Default samples. */
type Of = 'samples' | 'texts';

/** Which few samples or texts to keep: the first samples of the file, a share, or a number of shots. */
export type SubsetOptions =
  | { readonly first: number }
  | {
      /** More than 0, at most 1. */
      readonly fraction: number;
      readonly of?: Of | undefined;
      /** Another seed chooses others. Default 0. */
      readonly seed?: number | undefined;
    }
  | {
      /** How many; with `perType` of each question type. */
      readonly shots: number;
      readonly of?: Of | undefined;
      /** As many of each question type (captions are one more type); only with `of: 'texts'`. Default false. */
      readonly perType?: boolean | undefined;
      /** Another seed chooses others. Default 0. */
      readonly seed?: number | undefined;
    };

/**
 * A part of a data set, for low-data training. `first` keeps the first samples in file order. `fraction` and `shots` keep
 * those with the smallest hash of seed and id, exactly as many as asked for: the choice does not depend on the order of
 * the file, and the 1 % lies inside the 10 % of the same seed. The id of a question is the data set's own, or else its
 * words; of a caption its words. Samples keep their order; one that keeps no text is left out. Samples stay where they
 * are: 8 bytes are kept for each that is looked at and for each that is chosen.
 *
 * @throws {DatasetError} when a number is out of range.
 */
export async function subset(dataset: Dataset, options: SubsetOptions): Promise<Dataset> {
  if ('first' in options) {
    const { first } = options;
    checkCount('take the first', first, dataset.length, `samples of ${dataset.name}`);
    const indices = Float64Array.from({ length: first }, (_, index) => index);
    return chosenFrom(dataset, `${dataset.name}, first ${first}`, indices, (sample) => sample);
  }
  const { of = 'samples', seed = 0 } = options;
  const perType = 'shots' in options && options.perType === true;
  if (perType && of !== 'texts') {
    throw new DatasetError('perType counts questions', "add of: 'texts', or leave perType out");
  }
  const ranked = (sample: Sample) =>
    of === 'texts' ? textRanks(sample, seed, perType) : sampleRanks(sample, seed);
  const limits = limitsOf(await ranksOf(dataset, ranked), options, of, dataset.name);
  const keeps = ({ type, rank }: Ranked) => rank <= limits.get(type)!;
  const indices = new GrowingNumbers();
  let index = 0;
  for await (const sample of dataset) {
    if (ranked(sample).some(keeps)) indices.push(index);
    index++;
  }
  const words = 'shots' in options ? `${options.shots} shots` : `${options.fraction} of it`;
  return chosenFrom(dataset, `${dataset.name}, ${words}`, indices.values(), (sample) =>
    of === 'samples' ? sample : withTexts(sample, textRanks(sample, seed, perType).map(keeps)),
  );
}

/** A sample or one of its texts, what it counts under, and where its hash puts it, 0 to 1. */
interface Ranked {
  readonly type: string;
  readonly rank: number;
}

function sampleRanks({ id }: Sample, seed: number): Ranked[] {
  return [{ type: '', rank: hashFraction(`subset/${seed}/${id}`) }];
}

/** Of a sample's captions, then of its questions. */
function textRanks({ id, text }: Sample, seed: number, perType: boolean): Ranked[] {
  const rank = (own: string) => hashFraction(`subset/${seed}/${id}/${own}`);
  const ofQuestion = (question: Question) => ({
    type: perType ? `question ${question.type ?? ''}` : '',
    rank: rank(question.id ?? question.question),
  });
  return [
    ...(text.captions ?? []).map((caption) => ({ type: perType ? 'caption' : '', rank: rank(caption) })),
    ...(text.questions ?? []).map(ofQuestion),
  ];
}

async function ranksOf(
  dataset: Dataset,
  ranked: (sample: Sample) => readonly Ranked[],
): Promise<Map<string, GrowingNumbers>> {
  const ranks = new Map<string, GrowingNumbers>();
  for await (const sample of dataset) {
    for (const { type, rank } of ranked(sample)) {
      const numbers = ranks.get(type) ?? new GrowingNumbers();
      ranks.set(type, numbers);
      numbers.push(rank);
    }
  }
  return ranks;
}

/** The largest rank that is kept of each type. */
function limitsOf(
  ranks: ReadonlyMap<string, GrowingNumbers>,
  options: Exclude<SubsetOptions, { readonly first: number }>,
  of: Of,
  name: string,
): Map<string, number> {
  return new Map(
    [...ranks].map(([type, numbers]) => {
      const sorted = numbers.values().sort();
      if ('shots' in options) {
        checkCount(
          'take',
          options.shots,
          sorted.length,
          `${type === '' ? of : `of type "${type}"`} of ${name}`,
        );
        return [type, sorted[options.shots - 1]!];
      }
      const { fraction } = options;
      if (!(fraction > 0 && fraction <= 1)) {
        throw new DatasetError(`fraction is ${fraction}`, 'give a number above 0 and at most 1');
      }
      return [type, sorted[Math.max(1, Math.round(fraction * sorted.length)) - 1]!];
    }),
  );
}

function checkCount(verb: string, count: number, most: number, what: string): void {
  if (Number.isInteger(count) && count >= 1 && count <= most) return;
  throw new DatasetError(
    `cannot ${verb} ${count} of the ${most} ${what}`,
    `give a whole number from 1 to ${most}`,
  );
}

function withTexts({ id, media, text }: Sample, keep: readonly boolean[]): Sample {
  const { captions = [], questions = [] } = text;
  const keptCaptions = captions.filter((_, i) => keep[i]);
  const keptQuestions = questions.filter((_, i) => keep[captions.length + i]);
  return {
    id,
    media,
    text: {
      ...(keptCaptions.length > 0 && { captions: keptCaptions }),
      ...(keptQuestions.length > 0 && { questions: keptQuestions }),
    },
  };
}

/** The samples at ascending indices of a data set. */
function chosenFrom(
  dataset: Dataset,
  name: string,
  indices: Float64Array,
  change: (sample: Sample) => Sample,
): Dataset {
  const sample = async (at: number): Promise<Sample> => {
    const index = indices[at];
    if (index === undefined) {
      throw new DatasetError(
        `${name} has no sample ${at}`,
        `its ${indices.length} samples are numbered from 0`,
      );
    }
    return change(await dataset.sample(index));
  };
  return {
    name,
    length: indices.length,
    sample,
    ...(dataset.runs !== undefined && { runs: chosenRuns(dataset.runs, indices) }),
    async *[Symbol.asyncIterator]() {
      for (let at = 0; at < indices.length; at++) yield await sample(at);
    },
  };
}

/** The runs of a data set by the places of the chosen samples; runs of which none is chosen are left out. */
function chosenRuns({ starts, kept }: Runs, indices: Float64Array): Runs {
  const own = new GrowingNumbers();
  let run = -1;
  for (let at = 0; at < indices.length; at++) {
    if (run >= 0 && (run + 1 === starts.length || indices[at]! < starts[run + 1]!)) continue;
    while (run + 1 < starts.length && starts[run + 1]! <= indices[at]!) run++;
    own.push(at);
  }
  return { starts: own.values(), kept };
}
