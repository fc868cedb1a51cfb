import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatasetError, type Sample } from '@ocelli/datasets';
import { AnswersFile } from '@ocelli/evaluation';
import { expect, it } from 'vitest';
import type { ImageTextModel, ManyTextsOptions } from '../pipelines/image-text-model.js';
import { silentReporter } from '../progress/progress-reporter.js';
import { evaluateModel } from './evaluate-model.js';
import { scoreTable } from './score-table.js';

const samples: Sample[] = Array.from({ length: 200 }, (_, i) => ({
  id: `picture ${i}`,
  media: { image: { kind: 'bytes', data: new Uint8Array(), name: String(i) } },
  text: {
    captions: [`a cat ${i % 7}`, `a small cat ${i % 5}`],
    questions: [{ question: 'how many?', answers: [String(i % 3)], type: 'count' }],
  },
}));

/** Says what the number of the picture makes it say, and notes what it was asked for. */
class Speaker {
  readonly asked: string[] = [];

  constructor(readonly stopAfter = Number.POSITIVE_INFINITY) {}

  async #say(media: readonly Sample['media'][], text: (name: string) => string): Promise<string[]> {
    if (this.asked.length >= this.stopAfter) throw new Error('killed');
    return media.map(({ image }) => {
      const { name } = image as { name: string };
      this.asked.push(name);
      return text(name);
    });
  }

  captions = (media: readonly Sample['media'][]): Promise<string[]> =>
    this.#say(media, (name) => `a cat ${Number(name) % 5}`);
  answers = (items: readonly { media: Sample['media'] }[]): Promise<string[]> =>
    this.#say(
      items.map(({ media }) => media),
      (name) => String(Number(name) % 2),
    );
}

const evaluate = (speaker: Speaker, answers?: AnswersFile<string>) =>
  evaluateModel(speaker as unknown as ImageTextModel, samples, {
    reporter: silentReporter,
    answers,
    intervals: { resamples: 50 },
  });

it('goes on after a stop, asks for nothing twice and gives the same scores', async () => {
  const expected = await evaluate(new Speaker());
  const path = join(mkdtempSync(join(tmpdir(), 'ocelli-eval-')), 'texts.jsonl');
  const asked: string[] = [];
  for (const stopAfter of [64, 128, 1, 100, Number.POSITIVE_INFINITY]) {
    const speaker = new Speaker(stopAfter);
    const file = await AnswersFile.open<string>(path, { run: 'one' });
    const run = evaluate(speaker, file);
    if (stopAfter < 400) await expect(run).rejects.toThrow('killed');
    else expect(await run).toEqual(expected);
    asked.push(...speaker.asked);
    await file.close();
  }
  expect(asked).toHaveLength(400);
});

it('tells the hit rate of its cache beside the progress, and none without a cache', async () => {
  const model = {
    captions: async (media: readonly unknown[], { onEncoded }: ManyTextsOptions) => {
      onEncoded?.({ hits: media.length / 4, computed: (3 * media.length) / 4, broken: 0, unkept: 0 });
      return media.map(() => 'a cat');
    },
    answers: async (questions: readonly unknown[], { onEncoded }: ManyTextsOptions) => {
      onEncoded?.({ hits: questions.length, computed: 0, broken: 0, unkept: 0 });
      return questions.map(() => '1');
    },
  } as unknown as ImageTextModel;
  const notesWith = async (hasCache: boolean) => {
    const notes: (string | undefined)[] = [];
    const reporter = {
      stage: () => ({ update: (_: number, note?: string) => notes.push(note), finish() {} }),
    };
    await evaluateModel(model, samples, { reporter, hasCache });
    return new Set(notes);
  };
  expect(await notesWith(true)).toEqual(new Set(['cache hits 25 %', 'cache hits 100 %']));
  expect(await notesWith(false)).toEqual(new Set([undefined]));
});

it('keeps the answer to a question with its words, not with its number alone', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'ocelli-eval-')), 'texts.jsonl');
  const media = samples[0]!.media;
  const asked: string[] = [];
  const model = {
    answers: async (items: readonly { question: string }[]) =>
      items.map(({ question }) => {
        asked.push(question);
        return `of ${question}`;
      }),
  };
  const run = async (...questions: string[]): Promise<string[]> => {
    const text = { questions: questions.map((question) => ({ question, answers: ['yes'] })) };
    const answers = await AnswersFile.open<string>(path, { run: 'one' });
    const options = { reporter: silentReporter, answers };
    const data = [{ id: 'a', media, text }];
    const { answers: scored } = await evaluateModel(model as unknown as ImageTextModel, data, options);
    await answers.close();
    return scored!.texts.map(({ answer }) => answer);
  };
  await run('one?', 'two?');
  expect(await run('new?', 'one?', 'two?')).toEqual(['of new?', 'of one?', 'of two?']);
  expect(await run('new?', 'one?', 'two?')).toEqual(['of new?', 'of one?', 'of two?']);
  expect(asked.filter((question) => question === 'new?')).toHaveLength(1);
});

it('leaves out what cannot be read, names it once and scores the others, after a stop too', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'ocelli-eval-')), 'texts.jsonl');
  type OnBroken = { onBroken?: (item: number, error: DatasetError) => void };
  const say = (media: readonly Sample['media'][], { onBroken }: OnBroken): string[] =>
    media.map(({ image }, item) => {
      const number = Number((image as { name: string }).name);
      if (number % 50 !== 3) return `a cat ${number}`;
      const error = new DatasetError(`cannot decode ${number}`, 'replace it');
      if (!onBroken) throw error;
      onBroken(item, error);
      return '';
    });
  const model = {
    captions: async (media: readonly Sample['media'][], options: OnBroken) => say(media, options),
    answers: async (items: readonly { media: Sample['media'] }[], options: OnBroken) =>
      say(
        items.map(({ media }) => media),
        options,
      ),
  } as unknown as ImageTextModel;
  const named: string[] = [];
  const onBroken = (id: string): void => {
    named.push(id);
  };
  const run = async (data: readonly Sample[], options: { onBroken?: typeof onBroken } = { onBroken }) => {
    const answers = await AnswersFile.open<string>(path, { run: 'one' });
    try {
      return await evaluateModel(model, data, { reporter: silentReporter, answers, ...options });
    } finally {
      await answers.close();
    }
  };
  await run(samples.slice(0, 90));
  expect(named).toEqual(['picture 3', 'picture 53']);
  const whole = await run(samples);
  expect(named.slice(2)).toEqual(['picture 3', 'picture 53', 'picture 103', 'picture 153']);
  expect(whole.captions!.texts).toHaveLength(196);
  expect(
    whole.answers!.texts.map(({ answer, id }) => `${answer}#0` === id.replace('picture', 'a cat')),
  ).toEqual(Array.from({ length: 196 }, () => true));
  expect(whole).toEqual(await evaluateModel(model, samples, { reporter: silentReporter, onBroken }));
  await expect(run([samples[3]!])).rejects.toThrow('all of the 1 samples are broken');
  await expect(run([samples[103]!], {})).rejects.toThrow('cannot decode 103');
});

it('refuses ids that are there twice before a text is generated', async () => {
  const speaker = new Speaker();
  const question = { question: 'what?', answers: ['a cat'] };
  const twice = [{ ...samples[0]!, text: { questions: [{ ...question, id: '1' }, question] } }];
  for (const [data, id] of [
    [twice, 'picture 0#1'],
    [[samples[1]!, samples[1]!], 'picture 1'],
  ] as const) {
    const run = evaluateModel(speaker as unknown as ImageTextModel, data, { reporter: silentReporter });
    await expect(run).rejects.toThrow(`"${id}"`);
  }
  expect(speaker.asked).toEqual([]);
});

it('prints every score with its interval', async () => {
  const table = scoreTable(await evaluate(new Speaker()));
  expect(table).toMatch(/200 captions +exact match +\d+\.\d % +\d+\.\d to \d+\.\d/);
  expect(table).toMatch(/200 captions +METEOR.* +0\.\d{3} +0\.\d{3} to 0\.\d{3}/);
  expect(table).toMatch(/200 questions +exact match/);
  expect(table).toMatch(/ {2}200 count +exact match/);
});
