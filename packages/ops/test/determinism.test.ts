// Results must not depend on the number of threads: kernels cut their work by size. Bit for bit, on inputs that fill
// several blocks.
import { afterAll, expect, it } from 'vitest';
import {
  AdamW,
  add,
  backward,
  clipGradientNorm,
  crossEntropy,
  device,
  embedding,
  fbank,
  gelu,
  kaldiFilters,
  layerNorm,
  Random,
  rmsNorm,
  softmax,
  sum,
  type Tensor,
  tensor,
} from '../src/index.js';

const threads = device.threads;
afterAll(() => {
  device.threads = threads;
});

function random(shape: number[], seed: number): Tensor {
  const stream = new Random(seed);
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.normal());
  return tensor(values, shape);
}

async function results(count: number): Promise<Float32Array[]> {
  device.threads = count;
  const table = random([300, 96], 1).asParameter();
  const [weight, bias, shift, scale] = [2, 3, 4, 5].map((seed) => random([96], seed).asParameter());
  const ids = tensor(
    Array.from({ length: 3000 }, (_, i) => (i * 7919) % 300),
    [3000],
    'int32',
  );
  const normal = rmsNorm(add(embedding(table, ids), shift!), { weight: scale, epsilon: 1e-5 });
  const hidden = gelu(layerNorm(normal, { weight, bias, epsilon: 1e-5 }));
  const targets = tensor(
    Array.from({ length: 3000 }, (_, i) => i % 96),
    [3000],
    'int32',
  );
  const loss = add(crossEntropy(hidden, targets), sum(softmax(hidden)));
  backward(loss);
  const parameters = [table, weight!, bias!, shift!, scale!];
  const gradients = await Promise.all(parameters.map((parameter) => parameter.grad!.data()));
  const optimizer = new AdamW([{ parameters, learningRate: 0.01 }]);
  optimizer.step({ gradientScale: clipGradientNorm(parameters, 0.1) });
  const stepped = await Promise.all(parameters.map((parameter) => parameter.data()));
  const filters = kaldiFilters({ bands: 40, fftLength: 512, samplingRate: 16_000 });
  const features = fbank(random([20_000], 5), filters, {
    frameLength: 400,
    hop: 160,
    fftLength: 512,
    window: 'hann',
  });
  return [await loss.data(), ...gradients, ...stepped, await features.data()];
}

it('gives the same bits on 1, 2 and 5 threads', async () => {
  const [one, two, five] = [await results(1), await results(2), await results(5)];
  expect(two).toEqual(one);
  expect(five).toEqual(one);
});
