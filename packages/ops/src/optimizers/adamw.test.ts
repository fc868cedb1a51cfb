// Against torch.optim.AdamW and torch.nn.utils.clip_grad_norm_ (tools/golden/optimization.py).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors, type SafetensorsFile } from '../checkpoints/safetensors/read-safetensors.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { AdamW } from './adamw.js';
import { clipGradientNorm } from './clip-gradient-norm.js';

const fixtures = join(import.meta.dirname, '../../../adapters/test/fixtures');
const settings = JSON.parse(readFileSync(join(fixtures, 'adamw.json'), 'utf8')) as {
  lr: number;
  betas: [number, number];
  epsilon: number;
  steps: number;
  weightDecay: Record<string, number>;
  clipGradNorm: { totalNorm: number; maxNorm: Record<'clipped' | 'untouched', number> };
};
const names = ['weight', 'bias', 'embedding'];
let file: SafetensorsFile;

beforeAll(() => {
  file = readSafetensors(join(fixtures, 'adamw.safetensors'));
});

function makeParameters(): Map<string, Tensor> {
  return new Map(names.map((name) => [name, file.load(`param.0.${name}`).asParameter()]));
}

function makeOptimizer(parameters: Map<string, Tensor>): AdamW {
  return new AdamW(
    names.map((name) => ({
      parameters: [parameters.get(name)!],
      learningRate: settings.lr,
      weightDecay: settings.weightDecay[name],
    })),
    { betas: settings.betas, epsilon: settings.epsilon },
  );
}

function takeStep(optimizer: AdamW, parameters: Map<string, Tensor>, step: number): void {
  for (const [name, parameter] of parameters) {
    parameter.grad = file.has(`grad.${step}.${name}`) ? file.load(`grad.${step}.${name}`) : null;
  }
  optimizer.step();
  optimizer.zeroGradients();
}

// Both sides round a dozen times a step; parameters are near 1 and a step moves them by 0.03.
async function expectEqual(actual: Tensor, name: string, absolute = 5e-7): Promise<void> {
  const [ours, theirs] = [await actual.data(), await file.load(name).data()];
  for (const [i, value] of theirs.entries()) {
    expect(Math.abs(ours[i]! - value), `${name}[${i}]`).toBeLessThanOrEqual(
      absolute + 1e-6 * Math.abs(value),
    );
  }
}

describe('AdamW', () => {
  it('takes the steps of torch.optim.AdamW; a parameter without a gradient stands still', async () => {
    const parameters = makeParameters();
    const optimizer = makeOptimizer(parameters);
    for (let step = 1; step <= settings.steps; step++) {
      takeStep(optimizer, parameters, step);
      for (const [name, parameter] of parameters) await expectEqual(parameter, `param.${step}.${name}`);
    }
    const { tensors, steps } = optimizer.state();
    expect(steps).toEqual([5, 5, 4]);
    for (const [i, name] of names.entries()) {
      await expectEqual(tensors.get(`${i}.first`)!, `exp_avg.${name}`, 1e-8);
      await expectEqual(tensors.get(`${i}.second`)!, `exp_avg_sq.${name}`, 1e-12);
    }
  });

  it('continues from a saved state to the bit', async () => {
    const [through, parts] = [makeParameters(), makeParameters()];
    const whole = makeOptimizer(through);
    for (let step = 1; step <= 5; step++) takeStep(whole, through, step);
    const before = makeOptimizer(parts);
    for (let step = 1; step <= 3; step++) takeStep(before, parts, step);
    const after = makeOptimizer(parts);
    after.restore(before.state());
    before.dispose();
    for (let step = 4; step <= 5; step++) takeStep(after, parts, step);
    for (const name of names) expect(await parts.get(name)!.data()).toEqual(await through.get(name)!.data());
  });

  it('refuses a state of other parameters', () => {
    const optimizer = new AdamW([{ parameters: [tensor([1, 2, 3])], learningRate: 1 }]);
    const other = new AdamW([{ parameters: [tensor([1, 2])], learningRate: 1 }]);
    expect(() => optimizer.restore(other.state())).toThrow(/\[adamw\] .*"0\.first"/);
  });
});

describe('clipGradientNorm', () => {
  it.each(['clipped', 'untouched'] as const)('gives the factor of clip_grad_norm_: %s', async (which) => {
    const parameters = [...makeParameters()].map(([name, parameter]) => {
      parameter.grad = file.load(`clip.before.${name}`);
      return { name, parameter };
    });
    const maximum = settings.clipGradNorm.maxNorm[which];
    const coefficient = clipGradientNorm(
      parameters.map(({ parameter }) => parameter),
      maximum,
    );
    const expected = Math.min(1, maximum / (settings.clipGradNorm.totalNorm + 1e-6));
    expect(Math.abs((await coefficient.item()) / expected - 1)).toBeLessThan(5e-7);
    for (const { name, parameter } of parameters) {
      const clipped = await file.load(`clip.${which}.${name}`).data();
      const gradient = await parameter.grad!.data();
      for (const [i, value] of clipped.entries()) {
        expect(gradient[i]! * (await coefficient.item())).toBeCloseTo(value, 6);
      }
    }
  });

  it('scales the gradients of a step', async () => {
    const make = (gradient: number[]): Tensor => {
      const parameter = tensor([1, -2, 3]).asParameter();
      parameter.grad = tensor(gradient);
      return parameter;
    };
    const [scaled, plain] = [make([3, 0, 4]), make([0.6, 0, 0.8])];
    new AdamW([{ parameters: [scaled], learningRate: 0.1 }]).step({
      gradientScale: clipGradientNorm([scaled], 1),
    });
    new AdamW([{ parameters: [plain], learningRate: 0.1 }]).step();
    const [a, b] = [await scaled.data(), await plain.data()];
    for (const i of [0, 1, 2]) expect(a[i]).toBeCloseTo(b[i]!, 6);
  });
});
