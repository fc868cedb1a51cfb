// Decoding of encoder-decoder models with hooks in both stacks; without hooks, generation-fixtures.test.ts has it.
import { fileURLToPath } from 'node:url';
import { add, device, gatherRows, normal, Random, type Tensor, tensor } from '@ocelli/ops';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadEncoderDecoder } from '../load.js';
import type { EncoderDecoder } from '../model/encoder-decoder.js';
import type { HookList } from '../model/hooks.js';
import { generate } from './generate.js';
import { streamTokens } from './stream-tokens.js';

const prompts = [[12, 40, 99, 7, 23], [44], [101, 6, 77, 52, 9, 10, 11, 30], [8, 31]];

describe.each(['t5', 'bart'])('generate with hooks on %s', (name) => {
  let model: EncoderDecoder;
  let rows: Tensor;
  let decoderRows: Tensor;
  let shifts: Tensor;
  beforeAll(() => {
    model = loadEncoderDecoder(fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url)));
    const random = new Random(5);
    const { width } = model.config;
    rows = normal(random, [prompts.length, 3, width]);
    decoderRows = normal(random, [prompts.length, 2, width]);
    shifts = normal(random, [prompts.length, 1, width]);
  });
  afterAll(() => model.dispose());

  // Other rows before each text in both stacks, and another shift of a hidden state.
  const encoderHooks = (batchRows: Int32Array): HookList => [
    { splice: () => gatherRows(rows, tensor(batchRows)) },
  ];
  const hooks = (batchRows: Int32Array): HookList => [
    {
      splice: () => gatherRows(decoderRows, tensor(batchRows)),
      map: (site, layer, x) =>
        site === 'crossAttention.out' && layer === 1 ? add(x, gatherRows(shifts, tensor(batchRows))) : x,
    },
  ];

  it.each([1, 3])('answers each prompt as if it were alone, with its own hooks (%i beams)', async (beams) => {
    const options = { beams, maxNewTokens: 9 };
    const together = await generate(model, { prompts, hooks, encoderHooks, ...options });
    const plain = await generate(model, { prompts, ...options });
    const withoutDecoders = await generate(model, { prompts, encoderHooks, ...options });
    for (const [index, prompt] of prompts.entries()) {
      const own = (all: typeof hooks) => (batchRows: Int32Array) => all(batchRows.map(() => index));
      const ownHooks = { hooks: own(hooks), encoderHooks: own(encoderHooks) };
      const [alone] = await generate(model, { prompts: [prompt], ...ownHooks, ...options });
      expect(together[index]!.ids).toEqual(alone!.ids);
      expect(together[index]!.score).toBeCloseTo(alone!.score, 4);
      for (const other of [plain, withoutDecoders])
        expect(Math.abs(together[index]!.score - other[index]!.score)).toBeGreaterThan(1e-4);
    }
  });

  it.each([1, 3])('decodes without a cache as with one (%i beams)', async (beams) => {
    const options = { prompts, hooks, encoderHooks, beams, maxNewTokens: 6 };
    const cached = await generate(model, options);
    const anew = await generate(model, { ...options, cached: false });
    expect(anew.map(({ ids }) => ids)).toEqual(cached.map(({ ids }) => ids));
    for (const [index, { score }] of anew.entries()) expect(score).toBeCloseTo(cached[index]!.score, 4);
  });

  it('encodes once, and makes keys and values of the memory once', async () => {
    const counts = { encoder: 0, crossKey: 0, steps: 0 };
    const [answer] = await generate(model, {
      prompts: [[5, 6, 7]],
      maxNewTokens: 5,
      encoderHooks: () => [
        {
          map: (site, _, x) => {
            if (site === 'final') counts.encoder++;
            return x;
          },
        },
      ],
      hooks: () => [
        {
          linear: (linear, layer, _, y) => {
            if (linear === 'crossKey' && layer === 0) counts.crossKey++;
            if (linear === 'crossQuery' && layer === 0) counts.steps++;
            return y;
          },
        },
      ],
    });
    expect(counts).toEqual({ encoder: 1, crossKey: 1, steps: answer!.ids.length });
  });

  it('streams what it answers, obeying the rules of the checkpoint', async () => {
    const prompt = prompts[0]!;
    const [answer] = await generate(model, { prompts: [prompt], maxNewTokens: 7 });
    const ids: number[] = [];
    for await (const id of streamTokens(model, { prompt, maxNewTokens: 7 })) ids.push(id);
    expect(ids).toEqual(answer!.ids);
    const { forcedFirstId, forcedLastIds } = model.config.decodingRules;
    expect([forcedFirstId, forcedLastIds]).toEqual(name === 'bart' ? [0, [2]] : [null, []]);
    if (name === 'bart') expect([ids[0], ids.at(-1)]).toEqual([0, 2]);
  });

  it('leaves no memory behind, even when aborted', async () => {
    const options = { prompts, hooks, encoderHooks, beams: 2, maxNewTokens: 5 };
    await generate(model, options);
    const before = device.memory().allocated;
    await generate(model, options);
    expect(device.memory().allocated).toBe(before);
    const controller = new AbortController();
    const reason = new Error('the user left');
    let steps = 0;
    const aborted = generate(model, {
      ...options,
      signal: controller.signal,
      hooks: (batchRows) => {
        if (++steps === 3) controller.abort(reason);
        return hooks(batchRows);
      },
    });
    await expect(aborted).rejects.toBe(reason);
    expect(steps).toBe(3);
    expect(device.memory().allocated).toBe(before);
  });

  it('refuses prompts that do not fit', async () => {
    await expect(generate(model, { prompts: [[5], []], maxNewTokens: 3 })).rejects.toThrow(
      new RegExp(`prompt 1 is empty; end it with the model's endId ${model.config.endId}`),
    );
    await expect(generate(model, { prompts: [[131]], maxNewTokens: 3 })).rejects.toThrow(/knows 0 to 130/);
    const long = { prompts: [new Array<number>(41).fill(5)], maxNewTokens: 1 };
    const longAnswer = { prompts: [[5]], maxNewTokens: 41 };
    if (name === 't5') {
      await expect(generate(model, long)).resolves.toHaveLength(1);
    } else {
      await expect(generate(model, long)).rejects.toThrow(/41 tokens .* the model has 40 positions/);
      await expect(generate(model, longAnswer)).rejects.toThrow(/maxNewTokens is 41, but the model has 40/);
    }
  });
});
