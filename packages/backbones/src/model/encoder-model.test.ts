// What every encoder must do, over the checkpoints whose outputs verify.test.ts compares with transformers'.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  add,
  backward,
  device,
  full,
  linear,
  noGrad,
  normal,
  Random,
  readSafetensors,
  scope,
  type Tensor,
  zeros,
} from '@ocelli/ops';
import { afterAll, describe, expect, it } from 'vitest';
import { loadEncoder } from '../load.js';
import type { EncoderOptions } from './encoder.js';
import type { Hooks, LinearName, Site } from './hooks.js';

const test = fileURLToPath(new URL('../../test', import.meta.url));
const counts = JSON.parse(readFileSync(join(test, 'encoder-parameter-counts.json'), 'utf8')) as Record<
  string,
  number
>;
const blockSites: readonly Site[] = [
  'attention.in',
  'attention.out',
  'feedForward.in',
  'feedForward.out',
  'block.out',
];

describe.each(Object.keys(counts))('%s', (name) => {
  const folder = join(test, 'fixtures', name);
  const encoder = loadEncoder(folder);
  const { config } = encoder;
  const input = readSafetensors(join(folder, 'fixture.safetensors')).load(config.inputName).asParameter();
  afterAll(() => {
    encoder.dispose();
    input.dispose();
  });
  const last = async (options: EncoderOptions = {}): Promise<Float32Array> => {
    using x = scope(() => noGrad(() => encoder.forward(input, options).lastHiddenState));
    return await x.data();
  };
  /** The gradient of a leaf, which it loses. */
  const taken = async (leaf: Tensor): Promise<Float32Array> => {
    const values = await leaf.grad!.data();
    leaf.grad!.dispose();
    leaf.grad = null;
    return values;
  };

  /** The gradient of a shift `[width]` that hooks add somewhere, and whether the outputs are the same without it. */
  async function gradientOf(hooksWith: (shift: Tensor) => Hooks): Promise<Float32Array> {
    using shift = zeros([config.width]).asParameter();
    scope(() => {
      const { lastHiddenState: x } = encoder.forward(input, { hooks: [hooksWith(shift)] });
      backward(x, normal(new Random(5), x.shape));
    });
    await taken(input);
    return await taken(shift);
  }

  it("has transformers' number of parameters", () => {
    expect(encoder.parameterCount).toBe(counts[name]);
  });

  it('says what it takes and gives', () => {
    expect(input.shape.slice(1)).toEqual(config.inputShape);
    const { lastHiddenState, hiddenStates } = scope(() =>
      encoder.forward(input, { outputHiddenStates: true }),
    );
    expect(hiddenStates.length).toBe(config.layers + 1);
    for (const x of [...hiddenStates, lastHiddenState]) {
      expect(x.shape.slice(1)).toEqual([config.tokens, config.width]);
      x.dispose();
    }
    using wrong = zeros([1, ...config.inputShape, 1]);
    expect(() => encoder.forward(wrong)).toThrow(
      `[encoder] ${config.inputName} must be [batch, ${config.inputShape.join(', ')}], got [1,`,
    );
  });

  it('gives the same through hooks that change nothing, each called at each place', async () => {
    const places = new Set<string>();
    const names = new Set<LinearName>();
    const watching: Hooks = {
      map: (site, layer, x) => {
        places.add(`${site} ${layer}`);
        expect(x.shape[2]).toBe(config.width);
        return x;
      },
      linear: (linearName, _, __, y) => {
        names.add(linearName);
        return y;
      },
      keyValues: (layer, query) => {
        places.add(`keyValues ${layer}`);
        expect(query.shape[2]).toBe(config.width);
        return null;
      },
      override: (layer, sequence) => {
        places.add(`override ${layer}`);
        return sequence;
      },
      tap: (site, layer) => {
        places.add(`tap ${site} ${layer}`);
      },
    };
    const expected = await last();
    const actual = await last({ hooks: [watching] });
    // A fused op and its parts may round differently.
    for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 4);

    const layers = Array.from({ length: config.layers }, (_, layer) => layer);
    const sites = [
      'embeddings 0',
      `final ${config.layers}`,
      ...layers.flatMap((layer) => blockSites.map((site) => `${site} ${layer}`)),
    ];
    expect(places).toEqual(
      new Set([
        ...sites.flatMap((site) => [site, `tap ${site}`]),
        ...layers.flatMap((layer) => [`keyValues ${layer}`, `override ${layer}`]),
        `override ${config.layers}`,
      ]),
    );
    const linears = [
      'query',
      'key',
      'value',
      'output',
      'up',
      'down',
      ...(name === 'dinov2-giant' ? ['gate'] : []),
    ];
    expect(names).toEqual(new Set(linears));
  });

  it.each<Site>(['embeddings', ...blockSites, 'final'])('passes gradients to a map at %s', async (wanted) => {
    const gradient = await gradientOf((shift) => ({
      map: (site, _, x) => (site === wanted ? add(x, shift) : x),
    }));
    expect(gradient.every((value) => value !== 0)).toBe(true);
  });

  it('passes gradients to overrides, extra keys and values, and edited linears', async () => {
    const override = await gradientOf((shift) => ({
      override: (layer, sequence) =>
        layer === 1 ? { ...sequence, hiddenStates: add(sequence.hiddenStates, shift) } : sequence,
    }));
    const keyValues = await gradientOf((shift) => ({
      keyValues: (_, query) => add(zeros(query.shape), shift),
    }));
    const edited = await gradientOf((shift) => ({
      linear: (linearName, _, __, y) => (linearName === 'value' ? add(y, shift) : y),
    }));
    for (const gradient of [override, keyValues, edited]) {
      expect(gradient.every((value) => value !== 0)).toBe(true);
    }
  });

  it('gives the same bits with recomputed blocks', async () => {
    const random = new Random(3);
    using lowRank = normal(random, [config.width, config.width], 0.1).asParameter();
    const hooks: Hooks = {
      linear: (linearName, _, x, y) => (linearName === 'output' ? add(y, linear(x, lowRank)) : y),
    };
    const results = async (options: EncoderOptions): Promise<Float32Array[]> => {
      const x = scope(() => {
        const { lastHiddenState } = encoder.forward(input, { hooks: [hooks], ...options });
        backward(lastHiddenState, full(lastHiddenState.shape, 0.5));
        return lastHiddenState;
      });
      const values = [await x.data()];
      x.dispose();
      return [...values, await taken(input), await taken(lowRank)];
    };
    expect(await results({ recompute: 'all' })).toEqual(await results({}));
  });

  it('frees what it made', async () => {
    await last();
    const before = device.memory().allocated;
    await last({ outputHiddenStates: true });
    // The garbage collector may free what other tests left.
    expect(device.memory().allocated).toBeLessThanOrEqual(before);
  });
});

describe('tensors that a checkpoint stacks or lays out otherwise', () => {
  it.each([
    ['timesformer-divided', 'encoder.layer.1.attention.attention.key.weight'],
    ['timesformer-divided', 'encoder.layer.0.temporal_attention.attention.value.bias'],
    ['dinov2-giant', 'encoder.layer.1.mlp.gate.weight'],
    ['vit-audiomae', 'encoder.layer.1.attention.attention.value.weight'],
    ['vit-augreg-npz', 'encoder.layer.1.attention.attention.query.weight'],
    ['vit-augreg-npz', 'embeddings.patch_embeddings.projection.weight'],
  ])('%s is the same with %s unfrozen, which then learns', async (name, tensorName) => {
    const folder = join(test, 'fixtures', name);
    const encoder = loadEncoder(folder);
    using input = readSafetensors(join(folder, 'fixture.safetensors')).load(encoder.config.inputName);
    const run = (): Tensor => scope(() => encoder.forward(input).lastHiddenState);
    using frozen = run();
    const expected = await frozen.data();
    const tensor = encoder.unfreeze([tensorName]).get(tensorName)!;
    using unfrozen = run();
    const actual = await unfrozen.data();
    for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 4);
    backward(unfrozen, normal(new Random(1), unfrozen.shape));
    const gradient = await tensor.grad!.data();
    expect(gradient.some((value) => value !== 0)).toBe(true);
    encoder.dispose();
  });
});
