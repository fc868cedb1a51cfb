import { afterEach, describe, expect, it } from 'vitest';
import {
  add,
  attention,
  backward,
  device,
  dropout,
  layerNorm,
  linear,
  multiply,
  noGrad,
  normal,
  PackedWeight,
  Random,
  recompute,
  relu,
  reshape,
  savedBytes,
  scale,
  scope,
  sum,
  type Tensor,
  tanh,
} from '../index.js';

const random = new Random(5);
const [batch, tokens, width] = [2, 6, 16];
const input = normal(random, [batch, tokens, width]).asParameter();
const down = normal(random, [8, width], 0.3).asParameter();
const up = normal(random, [width, 8], 0.3).asParameter();
const captured = normal(random, [width]).asParameter();
const frozen = new PackedWeight(normal(random, [width, width], 0.3));
const leaves = [input, down, up, captured];

afterEach(() => {
  for (const leaf of leaves) {
    leaf.grad?.dispose();
    leaf.grad = null;
  }
});

type Run = (body: (x: Tensor) => Tensor, x: Tensor) => Tensor;
const direct: Run = (body, x) => body(x);
const recomputed: Run = (body, x) => recompute((y) => body(y), [x]);

/** A block with a low-rank edit that all blocks share, dropout, and an injected vector that all blocks share too. */
function block(x: Tensor, layer: number, injected: Tensor): Tensor {
  const normal = layerNorm(x, { epsilon: 1e-5 });
  const query = linear(normal, frozen);
  const y = add(attention(query, normal, query, { heads: 4, causal: true }), injected);
  const edited = add(y, linear(relu(linear(x, down)), up));
  return add(x, dropout(edited, { probability: 0.3, seed: 7, offset: layer }));
}

function model(run: Run): Tensor {
  const injected = tanh(captured); // not a leaf, and made outside of the blocks
  let x = scale(input, 2);
  for (let layer = 0; layer < 3; layer++) x = run((y) => block(y, layer, injected), x);
  return sum(multiply(x, add(x, injected)));
}

async function results(run: Run): Promise<Float32Array[]> {
  const loss = scope(() => {
    const result = model(run);
    backward(result);
    return result;
  });
  return [await loss.data(), ...(await Promise.all(leaves.map(({ grad }) => grad!.data())))];
}

describe('recompute', () => {
  it('gives loss and gradients of the direct run to the bit: captured leaves and tensors, dropout, also nested', async () => {
    const expected = await results(direct);
    for (const leaf of leaves) leaf.grad = null;
    expect(await results(recomputed)).toEqual(expected);
    for (const leaf of leaves) leaf.grad = null;
    const nested: Run = (body, x) =>
      recompute(
        (y) =>
          scale(
            recompute((z) => body(z), [scale(y, 2)]),
            0.5,
          ),
        [scale(x, 0.5)],
      );
    const nestedDirect: Run = (body, x) => scale(body(scale(scale(x, 0.5), 2)), 0.5);
    const again = await results(nestedDirect);
    for (const leaf of leaves) leaf.grad = null;
    expect(await results(nested)).toEqual(again);
  });

  it('keeps its inputs and nothing else, and holds less at its peak', async () => {
    const rows = 64;
    const x = normal(random, [4, rows, width]).asParameter();
    const measure = (run: Run): { saved: number; peak: number } => {
      const start = device.memory().allocated;
      device.resetPeakMemory();
      return scope(() => {
        const loss = scope(() => {
          let y = scale(x, 2);
          for (let layer = 0; layer < 8; layer++) {
            const before = y;
            y = run((z) => scope(() => block(z, layer, captured)), y);
            before.dispose();
          }
          return sum(y);
        });
        const saved = [...savedBytes(loss).values()].reduce((total, bytes) => total + bytes, 0);
        backward(loss);
        return { saved, peak: device.memory().peak - start };
      });
    };
    const all = measure(direct);
    const few = measure(recomputed);
    expect(few.saved).toBe(8 * x.size * 4); // the inputs of 8 blocks
    // A block's backward pass has at most a dozen tensors of the input's size beside them.
    expect(few.peak).toBeLessThan((8 + 2 + 12) * x.size * 4);
    expect(few.peak).toBeLessThan(0.6 * all.peak);
    await device.synchronize();
  });

  it('has the slope of finite differences', async () => {
    const value = async (): Promise<number> => {
      using loss = scope(() => noGrad(() => scale(model(recomputed), 1 / 64)));
      return loss.item();
    };
    const loss = scope(() => {
      const result = scale(model(recomputed), 1 / 64);
      backward(result);
      return result;
    });
    await loss.item();
    for (const leaf of leaves) {
      const [values, gradient] = [await leaf.data(), await leaf.grad!.data()];
      const length = Math.sqrt(gradient.reduce((total, part) => total + part * part, 0));
      const at = (step: number): Promise<number> => {
        leaf.write(values.map((part, i) => part + (step * gradient[i]!) / length));
        return value();
      };
      const step = 1e-2;
      const slope = ((await at(step)) - (await at(-step))) / (2 * step);
      leaf.write(values);
      // Along its own direction the gradient's slope is its length. float32 sums and the step's square leave some thousandths.
      expect(Math.abs(slope - length)).toBeLessThan(0.02 * length);
    }
  });

  it('runs once without recording, and records nothing where nothing is trained', () => {
    let runs = 0;
    const body = (x: Tensor): Tensor => {
      runs++;
      return scale(x, 2);
    };
    scope(() => {
      expect(noGrad(() => recompute(body, [input])).node).toBeNull();
      expect(recompute(body, [input.detach()]).node).toBeNull();
      expect(runs).toBe(2);
      backward(sum(recompute(body, [input])));
      expect(runs).toBe(4);
    });
  });

  it('passes inputs through, and says when body does not do the same again', () => {
    scope(() => {
      backward(sum(recompute((y) => y!, [scale(input, 1)])));
      let runs = 0;
      const other = recompute((y) => (runs++ === 0 ? scale(y!, 2) : add(y!, captured)), [input]);
      expect(() => backward(sum(other))).toThrow('[recompute] body used the trainable Tensor [16]');
      runs = 0;
      const shape = recompute((y) => (runs++ === 0 ? scale(y!, 2) : reshape(y!, [-1])), [input]);
      expect(() => backward(sum(shape))).toThrow('gave [2, 6, 16], and [192] when run again');
    });
  });
});
