import { arrayDataset } from '../array-dataset.js';
import { DatasetError } from '../dataset-error.js';
import type { Dataset, Media, Question, Sample } from '../sample.js';

/** Gathers what records say of the same picture or clip, in the order in which pictures first appear. */
export class SampleCollector {
  readonly #found = new Map<string, { media: Media; captions: string[]; questions: Question[] }>();

  /** Adds to the sample of this id; its media are those that came first. */
  add(
    id: string,
    media: Media,
    { captions = [], question }: { readonly captions?: readonly string[]; readonly question?: Question },
  ): void {
    let entry = this.#found.get(id);
    if (entry === undefined) {
      entry = { media, captions: [], questions: [] };
      this.#found.set(id, entry);
    }
    for (const caption of captions) entry.captions.push(caption);
    if (question !== undefined) entry.questions.push(question);
  }

  /** @throws {DatasetError} when nothing was added. */
  dataset(name: string, remedy = 'check the file and the split'): Dataset {
    if (this.#found.size === 0) throw new DatasetError(`${name} has no samples`, remedy);
    const samples = [...this.#found].map(
      ([id, { media, captions, questions }]): Sample => ({
        id,
        media,
        text: { ...(captions.length > 0 && { captions }), ...(questions.length > 0 && { questions }) },
      }),
    );
    return arrayDataset(name, samples);
  }
}
