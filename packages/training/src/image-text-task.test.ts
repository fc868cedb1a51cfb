import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createAdapter } from '@ocelli/adapters';
import { loadEncoder, loadLanguageModel } from '@ocelli/backbones';
import {
  concat,
  noGrad,
  normal,
  OcelliError,
  Random,
  readSafetensorsArrays,
  scope,
  tensor,
} from '@ocelli/ops';
import { describe, expect, it } from 'vitest';
import { evaluateLoss } from './evaluate-loss.js';
import { ImageTextTask, type ImageTextTaskOptions } from './image-text-task.js';
import { promptTokens, textFrame, tokenizeExample } from './tokenize-example.js';
import { train } from './trainer.js';

const fixtures = new URL('../../adapters/test/fixtures/', import.meta.url);
const languageModel = loadLanguageModel(fileURLToPath(new URL('backbones/opt', fixtures)));
const encoder = loadEncoder(fileURLToPath(new URL('backbones/vit', fixtures)));
const context = { languageModel: languageModel.config, encoder: encoder.config };

/** Words are numbers and stand for themselves. */
const tokenizer = {
  encode: (text: string) => text.split(/\s+/).map(Number),
  idOf: (token: string): number => {
    throw new OcelliError('tokenizer', `no token ${token}`);
  },
};
const withAnswerToken = { ...tokenizer, idOf: () => 130 };
const frame = { beginId: 2, separatorId: 2, endId: 2 };
const answerFrame = { beginId: 2, separatorId: 130, endId: 2 };

const examples = [
  { prompt: '10 11', target: '20', item: 5 },
  { prompt: '', target: '30 31 32', item: 2 },
];

function make(options: Partial<ImageTextTaskOptions> = {}): ImageTextTask {
  const adapter = createAdapter('epalm', { features: 4 }, { ...context, random: new Random(1) });
  return new ImageTextTask({
    examples,
    features: async (items) => normal(new Random(items[0]!), [items.length, 4, 1, 24]),
    languageModel,
    tokenizer,
    adapter,
    ...options,
  });
}

const batchContext = { step: 0, random: new Random(0) };

describe('tokenising', () => {
  it('separates by </a> if the tokenizer has it', () => {
    expect(textFrame(tokenizer, frame)).toEqual(frame);
    expect(textFrame(withAnswerToken, frame)).toEqual(answerFrame);
  });

  it('frames a question and its answer', () => {
    expect(tokenizeExample(tokenizer, frame, '10 11 ', ' 20 21')).toEqual({
      ids: Int32Array.of(2, 10, 11, 2, 20, 21, 2),
      targetBegin: 4,
    });
    expect(tokenizeExample(tokenizer, answerFrame, '10 11', '20')).toEqual({
      ids: Int32Array.of(2, 10, 11, 130, 20, 2),
      targetBegin: 4,
    });
    expect(promptTokens(tokenizer, answerFrame, '10 11')).toEqual([2, 10, 11, 130]);
  });

  it('frames a caption', () => {
    expect(tokenizeExample(tokenizer, answerFrame, ' ', '30 31')).toEqual({
      ids: Int32Array.of(2, 30, 31, 2),
      targetBegin: 1,
    });
    expect(promptTokens(tokenizer, frame, '')).toEqual([2]);
    expect(tokenizeExample(tokenizer, frame, '', '')).toEqual({ ids: Int32Array.of(2, 2), targetBegin: 1 });
  });
});

describe('image-text task', () => {
  it('packs and supervises the target with its end', async () => {
    const task = make();
    expect(task.lengths).toEqual([6, 5]);
    const { input, rows, targets } = await task.prepare([0, 1], batchContext);
    expect(input).toEqual({ lengths: [6, 5], ids: Int32Array.of(2, 10, 11, 2, 20, 2, 2, 30, 31, 32, 2) });
    expect(rows).toEqual(Int32Array.of(3, 4, 6, 7, 8, 9));
    expect(targets).toEqual(Int32Array.of(20, 2, 30, 31, 32, 2));
  });

  const released = createAdapter(
    'epalm',
    { features: 4, compat: 'reference' },
    { ...context, random: new Random(1) },
  );
  it.each([
    ['where it is told to', { pack: false }],
    ['for an adapter that padding changes', { adapter: released }],
  ])('pads to the right %s', async (_, options) => {
    const task = make({ ...options, examples: [examples[1]!, examples[0]!] });
    const { input, rows, targets } = await task.prepare([0, 1], batchContext);
    expect(input).toEqual({
      batch: 2,
      tokens: 6,
      ids: Int32Array.of(2, 30, 31, 32, 2, 1, 2, 10, 11, 2, 20, 2),
      mask: Uint8Array.of(1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1),
    });
    expect(rows).toEqual(Int32Array.of(0, 1, 2, 3, 9, 10));
    expect(targets).toEqual(Int32Array.of(30, 31, 32, 2, 20, 2));
  });

  it.each(['epalm', 'limber', 'promptfuse', 'magma'])('trains %s packed as padded', async (method) => {
    const texts = [3, 9, 1, 5, 14, 2, 7, 4].map((words, item) => ({
      prompt: '10 11',
      target: Array.from({ length: words }, (_, i) => 20 + ((7 * i + item) % 90)).join(' '),
      item,
    }));
    const run = async (pack: boolean): Promise<{ losses: number[]; values: Float32Array[] }> => {
      const adapter = createAdapter(method, {}, { ...context, random: new Random(1) });
      const { layers, tokens } = adapter.features;
      const shape = [layers, tokens === 'class' ? 1 : encoder.config.tokens, encoder.config.width];
      const task = make({
        adapter,
        pack,
        examples: texts,
        features: async (items) =>
          concat(
            items.map((item) => normal(new Random(item), [1, ...shape])),
            0,
          ),
      });
      const losses: number[] = [];
      const onStep = ({ loss }: { loss: number }) => void losses.push(loss);
      await train({ task, steps: 3, batchSize: 4, learningRate: 1e-3, seed: 5, onStep });
      const { parameters } = adapter;
      return { losses, values: await Promise.all([...parameters.values()].map(({ tensor: x }) => x.data())) };
    };
    const [packed, padded] = [await run(true), await run(false)];
    for (const [step, loss] of padded.losses.entries()) {
      expect(Math.abs(packed.losses[step]! / loss - 1)).toBeLessThan(1e-6);
    }
    for (const [i, values] of padded.values.entries()) {
      // AdamW moves a parameter by up to the learning rate, whatever its gradient: rounding of one near zero shows.
      for (const [k, value] of values.entries()) expect(packed.values[i]![k]).toBeCloseTo(value, 5);
    }
  });

  it('can supervise the question as well', async () => {
    const { rows, targets } = await make({ lossOn: 'all' }).prepare([0], batchContext);
    expect(rows).toEqual(Int32Array.of(0, 1, 2, 3, 4));
    expect(targets).toEqual(Int32Array.of(10, 11, 2, 20, 2));
  });

  it('gives the mean over tokens, or 0.1 times the mean over sums', async () => {
    const mean = await evaluateLoss(make(), 2);
    expect((await evaluateLoss(make({ reduction: 'reference' }), 2)) / ((mean * 6 * 0.1) / 2)).toBeCloseTo(
      1,
      5,
    );
    // Each by itself, weighted by tokens.
    const features: ImageTextTaskOptions['features'] = async (items) =>
      tensor(
        Float32Array.from({ length: items.length * 4 * 24 }, (_, i) => Math.sin(i % 96)),
        [items.length, 4, 1, 24],
      );
    expect(
      (await evaluateLoss(make({ features }), 1)) / (await evaluateLoss(make({ features }), 2)),
    ).toBeCloseTo(1, 5);
  });

  it('computes the loss that PyTorch computes', async () => {
    const folder = new URL('epalm-reference-separate-mlp/', fixtures);
    const meta = JSON.parse(readFileSync(new URL('meta.json', folder), 'utf8')) as {
      expected: { lossSequenceSum: number; lossTokenMean: number };
    };
    const stored = readSafetensorsArrays(fileURLToPath(new URL('fixture.safetensors', folder)));
    const config = {
      features: 4,
      startLayer: 1,
      endLayer: 5,
      prompt: { length: 10, mlp: true },
      compat: 'reference',
    };
    const adapter = createAdapter('epalm', config, { ...context, random: new Random(1) });
    for (const [name, { data }] of readSafetensorsArrays(
      fileURLToPath(new URL('initial.safetensors', folder)),
    )) {
      adapter.parameters.get(name)!.tensor.write(data as Float32Array);
    }
    const task = make({ adapter, reduction: 'reference' });
    const [batch, tokens] = stored.get('input_ids')!.shape as [number, number];
    const labels = stored.get('labels')!.data;
    const next = Array.from({ length: batch * tokens }, (_, i) =>
      (i + 1) % tokens === 0 ? -100 : labels[i + 1]!,
    );
    const rows = Int32Array.from(next.flatMap((label, i) => (label === -100 ? [] : [i])));
    const features = Float32Array.from({ length: batch * 4 * 24 }, (_, i) => {
      const [row, layer, axis] = [Math.floor(i / 96), Math.floor(i / 24) % 4, i % 24];
      return stored.get(`cls_features.${layer}`)!.data[row * 24 + axis]!;
    });
    const input = {
      batch,
      tokens,
      ids: Int32Array.from(stored.get('input_ids')!.data),
      mask: Uint8Array.from(stored.get('attention_mask')!.data),
    };
    const prepared = {
      input,
      rows,
      targets: Int32Array.from(rows, (row) => next[row]!),
      features: tensor(features, [batch, 4, 1, 24]),
    };
    const lossOf = (which: ImageTextTask) => scope(() => noGrad(() => which.loss(prepared).item()));
    expect((await lossOf(task)) / meta.expected.lossSequenceSum).toBeCloseTo(1, 4);
    expect((await lossOf(make({ adapter }))) / meta.expected.lossTokenMean).toBeCloseTo(1, 4);
  });

  it('says what does not fit', async () => {
    expect(() => make({ examples: [] })).toThrow(
      '[image-text task] there are no examples; give at least one',
    );
    const long = Array.from({ length: 70 }, () => 9).join(' ');
    expect(() => make({ examples: [{ prompt: '', target: long, item: 0 }] })).toThrow(
      'example 0 has 72 tokens, the language model has 64 positions; shorten it or leave it out',
    );
    const task = make({ features: async (items) => normal(new Random(1), [items.length, 3, 1, 24]) });
    await expect(task.prepare([0, 1], batchContext)).rejects.toThrow(
      'features gave [2, 3, 1, 24] for 2 items, "epalm" needs [2, 4, 1, width]',
    );
  });
});
