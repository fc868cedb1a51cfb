// What holds for every encoder-decoder model, beyond the reference values of verify.test.ts.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  AdamW,
  add,
  backward,
  crossEntropy,
  device,
  noGrad,
  normal,
  Random,
  readSafetensors,
  reshape,
  scope,
  slice,
  type Tensor,
  tensor,
  type WeightType,
  writeSafetensors,
} from '@ocelli/ops';
import { afterAll, describe, expect, it } from 'vitest';
import { padTokens } from '../generation/pad-tokens.js';
import { loadEncoderDecoder } from '../load.js';
import { verifyBackbone } from '../verify.js';
import type { EncoderDecoderInput } from './encoder-decoder.js';
import type { HookList, Hooks } from './hooks.js';
import type { TokenBatch } from './language-model.js';
import { prependRows } from './sequence.js';

const fixtures = fileURLToPath(new URL('../../test/fixtures', import.meta.url));
const texts = [[12, 40, 99, 7, 23, 61, 88, 15, 30], [44], [101, 6, 77, 52]];
const decoderTexts = [
  [0, 9, 31],
  [0, 120, 64, 8, 17],
  [0, 55],
];
const targets = [9, 31, 2, -100, -100, 120, 64, 8, 17, 2, 55, -100, -100, -100, -100];

it.each(['t5', 't5-gated-gelu', 't5-gated-silu', 'bart', 'bart-scaled', 'bart-headless'])(
  '%s has as many parameters as transformers counts',
  (name) => {
    const { metadata } = readSafetensors(join(fixtures, name, 'fixture.safetensors'));
    const { parameterCount } = JSON.parse(metadata.golden!) as { parameterCount: number };
    const model = loadEncoderDecoder(join(fixtures, name));
    expect(model.parameterCount).toBe(parameterCount);
    model.dispose();
  },
);

it('a T5 1.0 whose file has the tied head once more is the same model', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ocelli-t5-'));
  try {
    await cp(join(fixtures, 't5'), folder, { recursive: true });
    const { tensors, load } = readAll(join(fixtures, 't5', 'model.safetensors'));
    for (const name of ['lm_head.weight', 'encoder.embed_tokens.weight', 'decoder.embed_tokens.weight'])
      tensors.set(name, load('shared.weight'));
    await writeSafetensors(join(folder, 'model.safetensors'), tensors);
    const [once, twice] = [loadEncoderDecoder(join(fixtures, 't5')), loadEncoderDecoder(folder)];
    expect(twice.parameterCount).toBe(once.parameterCount);
    expect((await verifyBackbone(folder, join(folder, 'fixture.safetensors'))).every(({ ok }) => ok)).toBe(
      true,
    );
    once.dispose();
    twice.dispose();
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe.each(['t5', 't5-gated-gelu', 'bart', 'bart-scaled'])('%s', (name) => {
  const directory = join(fixtures, name);
  const model = loadEncoderDecoder(directory);
  afterAll(() => model.dispose());
  const { width, vocabularySize, padId, encoderLayers, decoderLayers } = model.config;
  const input = padTokens(texts, padId, 'right');
  const decoderInput = padTokens(decoderTexts, padId, 'right');
  const random = new Random(6);
  const rows = normal(random, [texts.length, 2, width]);
  const decoderRows = normal(random, [texts.length, 3, width]);
  const injectedRows = normal(random, [texts.length, 1, width]);
  /** Rows before the text of both stacks, and others from the decoder's second block on; of sample `index`, or of all. */
  function splicing(index?: number): { encoderHooks: HookList; hooks: HookList } {
    const own = (all: Tensor): Tensor => (index === undefined ? all : slice(all, 0, index, index + 1));
    const inject: Hooks['override'] = (layer, sequence, { pastTokens }) =>
      layer === 1 && pastTokens === 0 ? prependRows(sequence, own(injectedRows)) : sequence;
    return {
      encoderHooks: [{ splice: () => own(rows) }],
      hooks: [{ splice: () => own(decoderRows), override: inject }],
    };
  }

  async function logitsOf(call: EncoderDecoderInput): Promise<Float32Array> {
    using logits = scope(() => noGrad(() => model.forward(call).logits));
    return logits.data();
  }

  it('computes what transformers does when rows are spliced into the encoder', async () => {
    const stored = readSafetensors(join(directory, 'spliced.safetensors'));
    const load = (key: string): Tensor => stored.load(key);
    const batchOf = async (prefix: string): Promise<TokenBatch> => {
      const [ids, mask] = [load(`${prefix}input_ids`), load(`${prefix}attention_mask`)];
      const [batch, tokens] = ids.shape as [number, number];
      return {
        batch,
        tokens,
        ids: await ids.data<'int32'>(),
        mask: Uint8Array.from(await mask.data<'int32'>()),
      };
    };
    const [text, decoderText] = [await batchOf(''), await batchOf('decoder_')];
    using visual = load('rows').asParameter();
    const hooks: HookList = [{ splice: () => visual }];
    const { encoded, logits, loss } = scope(() => {
      const call = { input: text, encoderHooks: hooks, decoderInput: decoderText };
      const result = model.loss(call, reshape(load('labels'), [-1]));
      backward(result);
      const { lastHiddenState, memory } = model.encode({ input: text, hooks });
      const visualPart = slice(memory.hiddenStates, 1, 0, 4);
      return { encoded: [lastHiddenState, visualPart], logits: model.forward(call).logits, loss: result };
    });
    await expectNear(visual.grad!, load('grad.rows'));
    await expectNear(loss, load('loss'));
    await expectNear(encoded[0]!, load('encoder_last_hidden_state'), text.mask);
    await expectNear(encoded[1]!, load('memory.rows'));
    await expectNear(logits, load('logits'), decoderText.mask);
  });

  it('gives each sample what it gets alone, whatever side is padded, also with spliced and injected rows', async () => {
    const call = splicing();
    const right = await logitsOf({ input, decoderInput, ...call });
    const left = await logitsOf({
      input: padTokens(texts, padId, 'left'),
      decoderInput: padTokens(decoderTexts, padId, 'left'),
      ...call,
    });
    for (const [index, text] of texts.entries()) {
      const own = decoderTexts[index]!;
      const alone = await logitsOf({
        input: padTokens([text], padId, 'right'),
        decoderInput: padTokens([own], padId, 'right'),
        ...splicing(index),
      });
      const begin = index * decoderInput.tokens;
      const count = own.length;
      expectEqual(right.subarray(begin * vocabularySize, (begin + count) * vocabularySize), alone);
      const end = begin + decoderInput.tokens;
      expectEqual(left.subarray((end - count) * vocabularySize, end * vocabularySize), alone);
    }
  });

  it('decodes with a cache as without, also with spliced and injected rows, and when samples move', async () => {
    const full = padTokens(
      decoderTexts.map((text) => [...text, 3, 4, 5].slice(0, 5)),
      padId,
      'right',
    );
    const call = splicing();
    const expected = await logitsOf({ input, decoderInput: full, ...call });
    const cache = model.createCache();
    const order = [0, 1, 2];
    for (const [begin, end] of [
      [0, 2],
      [2, 3],
      [3, 5],
    ] as const) {
      const part: TokenBatch = {
        batch: 3,
        tokens: end - begin,
        ids: Int32Array.from(order.flatMap((row) => [...full.ids.slice(row * 5 + begin, row * 5 + end)])),
        mask: new Uint8Array(3 * (end - begin)).fill(1),
      };
      const logits = await logitsOf({
        ...(begin === 0 ? { input } : {}),
        decoderInput: part,
        cache,
        ...call,
      });
      for (const [place, row] of order.entries()) {
        const from = (row * 5 + begin) * vocabularySize;
        const size = (end - begin) * vocabularySize;
        expectEqual(logits.subarray(place * size, (place + 1) * size), expected.subarray(from, from + size));
      }
      // Samples change places, then one comes twice.
      const moved = begin === 0 ? [2, 0, 1] : [1, 1, 0];
      const hostRows = Int32Array.from(moved);
      using indices = tensor(hostRows);
      cache.select(indices, hostRows);
      order.splice(0, 3, ...moved.map((row) => order[row]!));
    }
    cache.dispose();
  });

  it('gives as its loss the cross-entropy of its logits, at the rows that are asked for', async () => {
    const chosen = Int32Array.of(6, 0, 10);
    for (const [wanted, logitRows] of [
      [Int32Array.from(targets), null],
      [chosen.map((row) => targets[row]!), chosen],
    ] as const) {
      const { actual, expected } = scope(() =>
        noGrad(() => {
          const call = { input, decoderInput, ...(logitRows ? { logitRows: tensor(logitRows) } : {}) };
          const { logits } = model.forward(call);
          return {
            actual: model.loss(call, tensor(wanted)),
            expected: crossEntropy(reshape(logits, [-1, vocabularySize]), tensor(wanted)),
          };
        }),
      );
      expect(await actual.item()).toBeCloseTo(await expected.item(), 5);
    }
  });

  it('gets the same gradients when blocks run again in the backward pass', async () => {
    const gradients = async (recompute: 'all' | undefined): Promise<Float32Array[]> => {
      using splicedRows = tensor(await rows.data(), rows.shape).asParameter();
      using shift = normal(new Random(3), [width]).asParameter();
      const shifting: HookList = [
        {
          map: (site, _, x) => (site === 'crossAttention.out' || site === 'attention.in' ? add(x, shift) : x),
        },
      ];
      const call = { input, decoderInput, encoderHooks: [{ splice: () => splicedRows }], hooks: shifting };
      scope(() =>
        backward(
          model.loss({ ...call, ...(recompute ? { recompute } : {}) }, tensor(Int32Array.from(targets))),
        ),
      );
      return [await splicedRows.grad!.data(), await shift.grad!.data()];
    };
    const kept = await gradients(undefined);
    expect(kept.every((gradient) => gradient.some((value) => value !== 0))).toBe(true);
    expect(await gradients('all')).toEqual(kept);
  });

  it('calls hooks at every site and linear of the stack that they were given to', () => {
    const seen = { encoder: new Set<string>(), decoder: new Set<string>() };
    const watching = (stack: 'encoder' | 'decoder'): Hooks => ({
      tap: (site, layer) => seen[stack].add(`${site} ${layer}`),
      linear: (linear, layer, _, y) => {
        seen[stack].add(`${linear} ${layer}`);
        return y;
      },
    });
    scope(() =>
      noGrad(() =>
        model.forward({
          input,
          decoderInput,
          encoderHooks: [watching('encoder')],
          hooks: [watching('decoder')],
        }),
      ),
    );
    const own = ['attention.in', 'query', 'key', 'value', 'output', 'attention.out'];
    const cross = [
      'crossAttention.in',
      'crossQuery',
      'crossKey',
      'crossValue',
      'crossOutput',
      'crossAttention.out',
    ];
    const gate = name === 't5-gated-gelu' ? ['gate'] : [];
    const forward = ['feedForward.in', ...gate, 'up', 'down', 'feedForward.out', 'block.out'];
    const expected = (layers: number, names: string[]): Set<string> =>
      new Set([
        'embeddings 0',
        ...Array.from({ length: layers }, (_, layer) => names.map((each) => `${each} ${layer}`)).flat(),
        `final ${layers}`,
      ]);
    expect(seen.encoder).toEqual(expected(encoderLayers, [...own, ...forward]));
    expect(seen.decoder).toEqual(expected(decoderLayers, [...own, ...cross, ...forward]));
  });

  it('lets a hook replace the memory that a layer reads, in decoding too', async () => {
    const others = padTokens(
      [
        [5, 6, 7],
        [8, 9],
        [10, 11, 12, 13],
      ],
      padId,
      'right',
    );
    const other = scope(() => noGrad(() => model.encode({ input: others }).memory));
    const replacing = (from: number): HookList => [
      { overrideMemory: (layer, memory) => (layer >= from ? other : memory) },
    ];
    const replaced = await logitsOf({ memory: other, decoderInput });
    expectEqual(await logitsOf({ input, decoderInput, hooks: replacing(0) }), replaced);
    const inLast = await logitsOf({ input, decoderInput, hooks: replacing(decoderLayers - 1) });
    expect(difference(inLast, replaced)).toBeGreaterThan(1e-2);
    expect(difference(inLast, await logitsOf({ input, decoderInput }))).toBeGreaterThan(1e-2);
    const cache = model.createCache();
    expectEqual(await logitsOf({ input, decoderInput, hooks: replacing(decoderLayers - 1), cache }), inLast);
    cache.dispose();
  });

  it('trains what is unfrozen, a tied table at both ends', async () => {
    const trained = loadEncoderDecoder(directory);
    const isT5 = name.startsWith('t5');
    const table = isT5 ? 'shared.weight' : 'model.shared.weight';
    const norm = isT5
      ? 'decoder.block.0.layer.1.layer_norm.weight'
      : 'model.decoder.layers.0.encoder_attn_layer_norm.weight';
    const linear = isT5
      ? 'decoder.block.0.layer.1.EncDecAttention.k.weight'
      : 'model.decoder.layers.0.encoder_attn.k_proj.weight';
    const before = await logitsOf({ input, decoderInput });
    const parameters = trained.unfreeze([table, norm, linear]);
    const logits = scope(() => noGrad(() => trained.forward({ input, decoderInput }).logits));
    expectEqual(await logits.data(), before);
    const lossNow = (): Tensor =>
      scope(() => trained.loss({ input, decoderInput }, tensor(Int32Array.from(targets))));
    const first = await lossNow().item();
    scope(() => backward(lossNow()));
    // A word that no text has: only a tied head gives it a gradient.
    const unread = (await parameters.get(table)!.grad!.data()).slice(100 * width, 101 * width);
    expect(unread.some((value) => value !== 0)).toBe(name !== 't5-gated-gelu');
    for (const parameter of [norm, linear]) {
      const gradient = await parameters.get(parameter)!.grad!.data();
      expect(gradient.some((value) => value !== 0)).toBe(true);
    }
    new AdamW([{ parameters: [...parameters.values()], learningRate: 0.01 }]).step();
    expect(await lossNow().item()).toBeLessThan(first);
    trained.dispose();
  });

  it('keeps its weights in fewer bytes, close to the exact ones', async () => {
    // A copy of the folder, since weights of the same files are in memory once.
    const copy = await mkdtemp(join(tmpdir(), 'ocelli-narrow-'));
    await cp(directory, copy, { recursive: true });
    const bytesOf = (dtype: WeightType): number => {
      const before = device.memory().allocated;
      const small = loadEncoderDecoder(copy, { dtype });
      const bytes = device.memory().allocated - before;
      small.dispose();
      expect(device.memory().allocated).toBe(before);
      return bytes;
    };
    // Norms, positions and a token table that is not the head stay as they are.
    expect(bytesOf('int8')).toBeLessThan(0.6 * bytesOf('float32'));
    await rm(copy, { recursive: true });
    const exact = await logitsOf({ input, decoderInput });
    const narrow = loadEncoderDecoder(directory, { dtype: 'bfloat16' });
    using logits = scope(() => noGrad(() => narrow.forward({ input, decoderInput }).logits));
    const norm = (x: Float32Array): number => Math.hypot(...x);
    const error = (await logits.data()).map((value, i) => value - exact[i]!);
    const relative = norm(error) / norm(exact);
    if (name === 't5' || name === 'bart') {
      // A weight is off by at most 2^-9 of itself; T5's scores, which nothing divides, make more of it.
      expect(relative).toBeGreaterThan(0);
      expect(relative).toBeLessThan(2 ** -5);
    } else {
      expect(relative).toBe(0); // these checkpoints are bfloat16 themselves
    }
    narrow.dispose();
  });

  it('says what is missing or too much', () => {
    const { memory } = scope(() => noGrad(() => model.encode({ input })));
    expect(() => model.forward({ decoderInput })).toThrow(
      /\[forward\] the decoder reads an input, a memory or a cache that has one, got 0 of them; give one/,
    );
    expect(() => model.forward({ input, memory, decoderInput })).toThrow(/got 2 of them/);
    expect(() => model.forward({ memory, decoderInput: padTokens([[0]], padId, 'right') })).toThrow(
      /the encoder has 3 samples and the decoder 1; they must be the same/,
    );
    const long = padTokens([new Array<number>(41).fill(5)], padId, 'right');
    if (name.startsWith('bart')) {
      expect(() => model.encode({ input: long })).toThrow(
        /a sequence of 41 tokens does not fit into the encoder's 40 positions/,
      );
    } else {
      expect(() =>
        scope(() => noGrad(() => model.encode({ input: long })).lastHiddenState.shape),
      ).not.toThrow();
      expect(() =>
        model.unfreeze(['decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight']),
      ).toThrow(/\[unfreeze\] decoder\.block\.0.* gets no gradient and stays frozen/);
    }
    expect(() => model.unfreeze(['nothing'])).toThrow(/has no tensor "nothing"/);
  });
});

function readAll(path: string): { tensors: Map<string, Tensor>; load: (name: string) => Tensor } {
  const source = readSafetensors(path);
  const load = (name: string): Tensor => source.load(name);
  return { tensors: new Map([...source.tensors.keys()].map((name) => [name, load(name)])), load };
}

function difference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

/** To the rounding of sums in another order. */
function expectEqual(actual: Float32Array, expected: Float32Array): void {
  expect(actual.length).toBe(expected.length);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(difference(actual, expected)).toBeLessThan(1e-5 * largest);
}

/** Within 1e-4 of the largest expected value, where `attended`. */
async function expectNear(actual: Tensor, expected: Tensor, attended?: Uint8Array): Promise<void> {
  expect(actual.shape).toEqual(expected.shape);
  const [a, b] = [await actual.data(), await expected.data()];
  const inner = attended ? a.length / attended.length : a.length;
  const isRead = (_: number, i: number): boolean => !attended || attended[Math.floor(i / inner)] === 1;
  const wanted = b.filter(isRead);
  const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(difference(a.filter(isRead), wanted)).toBeLessThan(1e-4 * largest);
}
