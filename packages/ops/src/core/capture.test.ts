import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { emulatedAddon, needs } from '../../test/cuda-addons.js';
import {
  AdamW,
  add,
  backward,
  type Capture,
  capture,
  clipGradientNorm,
  device,
  dropout,
  dryRun,
  full,
  hostTensor,
  hostValue,
  layerNorm,
  linear,
  normal,
  PackedWeight,
  Random,
  scale,
  scope,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../index.js';
import { capturing } from './capturing.js';
import { openDevice } from './open-device.js';

const { name: before } = device;

afterEach(() => {
  vi.unstubAllEnvs();
  device.use(before);
});

/** A projection with a normalisation, in front of a frozen layer. */
class Network {
  readonly #random = new Random(3);
  readonly weight = normal(this.#random, [24, 12]).asParameter();
  readonly bias = normal(this.#random, [24]).asParameter();
  readonly #gain = full([24], 1);
  readonly #frozen = new PackedWeight(normal(this.#random, [40, 24]));
  readonly x = zeros([7, 12]);

  loss(): Tensor {
    const hidden = layerNorm(linear(this.x, this.weight, this.bias, { activation: 'gelu' }), {
      weight: this.#gain,
      epsilon: 1e-5,
    });
    const loss = sum(linear(hidden, this.#frozen, null, { activation: 'relu' }));
    backward(loss);
    return loss;
  }

  forget(): void {
    for (const parameter of [this.weight, this.bias]) {
      parameter.grad?.dispose();
      parameter.grad = null;
    }
  }

  async values(loss: Tensor): Promise<Float32Array[]> {
    return Promise.all([loss, this.weight.grad!, this.bias.grad!].map((each) => each.data()));
  }
}

const inputs = [1, 2, 3].map((seed) => normal(new Random(seed), [7, 12]));

for (const name of ['cpu', 'cuda-emulated'] as const) {
  describe(`a capture on ${name}`, () => {
    beforeEach((context) => {
      if (name === 'cuda-emulated') needs(emulatedAddon, context);
      device.use(name);
    });

    it('gives what the ops give, to the bit', async () => {
      const network = new Network();
      const captured = capture(() => network.loss());
      const seen: Float32Array[][] = [];
      for (const input of inputs) {
        network.x.write(await input.data());
        captured.replay();
        seen.push(await network.values(captured.result));
      }
      captured.dispose();
      for (const [i, input] of inputs.entries()) {
        network.forget();
        network.x.write(await input.data());
        using loss = network.loss();
        expect(await network.values(loss)).toEqual(seen[i]);
      }
      expect(seen[0]).not.toEqual(seen[1]);
    });

    it('trains: each replay is a step, with the learning rate of then', async () => {
      const rates = [0.1, 0.05, 0.2, 0.01];
      const trained = async (replays: boolean): Promise<Float32Array[]> => {
        const network = new Network();
        const group = { parameters: [network.weight, network.bias], learningRate: 0 };
        const optimizer = new AdamW([group]);
        const step = (): void => {
          network.loss();
          using coefficient = clipGradientNorm(group.parameters, 1);
          optimizer.step({ gradientScale: coefficient });
          optimizer.zeroGradients();
        };
        let captured: Capture<void> | null = null;
        for (const [i, rate] of rates.entries()) {
          group.learningRate = rate;
          network.x.write(await inputs[i % inputs.length]!.data());
          if (captured) captured.replay();
          else if (replays) captured = capture(step);
          else scope(step);
        }
        expect(optimizer.state().steps).toEqual([4, 4]);
        return Promise.all(group.parameters.map((parameter) => parameter.data()));
      };
      expect(await trained(true)).toEqual(await trained(false));
    });

    it('runs the first time too, and again for each replay', async () => {
      const total = zeros([3]);
      const one = full([3], 1);
      using captured = capture(() => {
        using next = add(total, one);
        total.write(new Float32Array([0, 0, 0])); // a constant, which is there again each time
        return scale(next, 2);
      });
      expect(await captured.result.data()).toEqual(new Float32Array([2, 2, 2]));
      one.write(new Float32Array([5, 6, 7]));
      total.write(new Float32Array([1, 1, 1]));
      captured.replay();
      captured.replay();
      expect(await captured.result.data()).toEqual(new Float32Array([10, 12, 14]));
      expect(capturing()).toBeNull();
    });

    it('shares no memory with what is made later', async () => {
      const x = full([1000], 1);
      const captured = capture(() => {
        using one = scale(x, 2);
        using two = scale(one, 3);
        return add(two, one);
      });
      const others = Array.from({ length: 20 }, (_, i) => full([1000], i));
      captured.replay();
      expect((await captured.result.data()).every((value) => value === 8)).toBe(true);
      for (const [i, other] of others.entries())
        expect((await other.data()).every((value) => value === i)).toBe(true);
      // What it reads stays, even if nobody else has it any more.
      x.dispose();
      const next = Array.from({ length: 20 }, () => full([1000], 9));
      captured.replay();
      expect((await captured.result.data()).every((value) => value === 8)).toBe(true);
      captured.dispose();
      expect((await captured.result.data()).every((value) => value === 8)).toBe(true);
      for (const each of [...others, ...next, captured.result]) each.dispose();
    });

    it('keeps what hostTensor gives out of the way of other tensors', async () => {
      let count = 1;
      const x = full([4], 1);
      using captured = capture(() => {
        {
          using _ = scale(x, 100); // whose memory is free then
        }
        const latest = hostValue(() => 10 * count);
        using values = hostTensor(() => Float32Array.of(latest(), latest(), latest(), latest()), [4]);
        return add(values, x);
      });
      expect(await captured.result.data()).toEqual(new Float32Array(4).fill(11));
      for (count of [2, 3]) {
        captured.replay();
        expect(await captured.result.data()).toEqual(new Float32Array(4).fill(10 * count + 1));
      }
    });

    it('gives its memory back, and takes none to replay', async () => {
      await device.emptyCache();
      // Other tests' tensors are small, and may be collected meanwhile.
      const [size, small] = [500_000, 1_000_000];
      const before = device.memory();
      const captured = capture(() => scale(scale(full([size], 1), 2), 2));
      const { allocated, systemAllocations } = device.memory();
      expect(allocated).toBeGreaterThan(before.allocated + 4 * size - small);
      for (let i = 0; i < 5; i++) captured.replay();
      await device.synchronize();
      expect(device.memory().systemAllocations).toBe(systemAllocations);
      captured.replay();
      captured.dispose();
      captured.result.dispose();
      await device.synchronize();
      expect(device.memory().cached).toBeGreaterThan(before.cached + 2 * 4 * size - small);
      await device.emptyCache();
      const after = device.memory();
      expect(after.allocated).toBeLessThan(before.allocated + small);
      expect(after.cached).toBeLessThan(before.cached + small);
    });

    it('hands memory on in the order of the queue', async () => {
      const x = full([2000], 1);
      const first = capture(() => scale(x, 2));
      const second = capture(() => scale(first.result, 3));
      first.dispose();
      first.result.dispose();
      second.replay();
      second.dispose();
      // The memory of both is free for others now, who queue behind the replay.
      device.memory();
      const others = Array.from({ length: 8 }, () => full([2000], 9));
      expect((await second.result.data()).every((value) => value === 6)).toBe(true);
      for (const each of [...others, second.result, x]) each.dispose();
    });

    it('says what cannot be captured, and is over then', async () => {
      const x = full([8], 1);
      const options = { probability: 0.5, seed: 1, offset: 0 };
      for (const [body, message] of [
        [() => dropout(x, options), '[dropout] it cannot be captured: every replay would drop the same'],
        [() => capture(() => x), '[capture] one is on already'],
        [() => dryRun(() => scale(x, 1)), '[dry run] it cannot be captured'],
        [() => hostTensor(() => Float32Array.of(1, 2), [3]), 'shape [3] holds 3 elements, got 2 values'],
        [
          () => device.use(name === 'cpu' ? 'cuda-emulated' : 'cpu'),
          '[device] it cannot be captured: its ops run on one device',
        ],
      ] as const) {
        expect(() => capture<unknown>(body)).toThrow(message);
        expect(capturing()).toBeNull();
      }
      expect(() => dryRun(() => capture(() => scale(x, 1)))).toThrow(
        '[capture] a dry run has no values to replay',
      );
      let values = Float32Array.of(1, 2);
      using changing = capture(() => hostTensor(() => values, [2]));
      values = Float32Array.of(1, 2, 3);
      expect(() => changing.replay()).toThrow('[hostTensor] shape [2] holds 2 elements, got 3 values');
      const captured = capture(() => scale(x, 3));
      captured.dispose();
      captured.dispose();
      expect(() => captured.replay()).toThrow(
        '[replay] the capture has been disposed; capture the ops again',
      );
      expect(await captured.result.data()).toEqual(new Float32Array(8).fill(3));
    });
  });
}

describe('a graph of a GPU', () => {
  beforeEach((context) => {
    needs(emulatedAddon, context);
    vi.stubEnv('SIMT_DEVICES', '4');
    device.use('cuda-emulated');
  });

  it('has a workspace of its own, which stays when others grow', async () => {
    const norm = (count: number) => {
      const x = full([count], 1).asParameter();
      x.grad = full([count], 2);
      return { x, coefficient: () => clipGradientNorm([x], 1) };
    };
    const small = norm(64);
    const captured = capture(() => small.coefficient());
    const expected = await captured.result.data();
    for (const count of [5000, 50_000]) await norm(count).coefficient().data();
    captured.replay();
    expect(await captured.result.data()).toEqual(expected);
    expect(expected[0]).toBeCloseTo(1 / 16, 6);
  });

  it('is of the precision that it was captured in', async () => {
    const x = tensor([1 + 2 ** -9], [1, 1]);
    const weight = tensor([1], [1, 1]);
    device.precision = 'bfloat16';
    using captured = capture(() => linear(x, weight));
    expect(() =>
      capture(() => {
        device.precision = 'tf32';
      }),
    ).toThrow('[device] it cannot be captured: its ops have one precision');
    device.precision = 'float32';
    captured.replay();
    expect(await captured.result.data()).toEqual(new Float32Array([1]));
  });

  it('for which there is no memory leaves the calls to be made one by one', async () => {
    device.use('cuda-emulated:3');
    await device.emptyCache();
    const x = full([4], 1).asParameter();
    x.grad = full([4], 1);
    using eager = clipGradientNorm([x], 1);
    const expected = await eager.data();
    // As much as the tensors need, and nothing for the graph's workspace.
    const attempt = (bytes: number) => {
      vi.stubEnv('SIMT_MEMORY', String(bytes));
      try {
        return capture(() => clipGradientNorm([x], 1));
      } catch {
        return null;
      }
    };
    let captured: Capture<Tensor> | null = null;
    for (let bytes = 128; !captured; bytes += 128) captured = attempt(bytes);
    await device.synchronize();
    x.grad.write(new Float32Array([2, 2, 2, 2]));
    captured.replay();
    captured.replay();
    expect((await captured.result.data())[0]).toBeCloseTo(expected[0]! / 2, 6);
    captured.dispose();
  });

  it('of a device that is lost says so', async () => {
    device.use('cuda-emulated:2');
    const x = full([4], 1);
    const captured = capture(() => scale(x, 2));
    await device.synchronize();
    vi.stubEnv('SIMT_LOST_AFTER', '0');
    captured.replay();
    await expect(openDevice('cuda-emulated:2').native.synchronize()).rejects.toThrow('is lost');
    captured.dispose();
  });
});
