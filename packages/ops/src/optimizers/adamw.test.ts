// Against torch.optim.AdamW and torch.nn.utils.clip_grad_norm_ (tools/golden/optimization.py).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors, type SafetensorsFile } from '../checkpoints/safetensors/read-safetensors.js';
import { device } from '../core/device.js';
import { full, type Tensor, tensor, zeros } from '../core/tensor.js';
import { Random } from '../random/random.js';
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

  it('steps many parameters in few calls that stay the same, and each as it would alone', async () => {
    const random = new Random(3);
    const normal = (size: number): Tensor =>
      tensor(
        Array.from({ length: size }, () => random.normal()),
        [size],
      );
    const sizes = Array.from({ length: 27 }, (_, i) => (i === 5 ? 20_011 : (i * i * 7) % 301));
    const together = sizes.map((size) => normal(size).asParameter());
    const alone = await Promise.all(
      together.map(async (parameter) => tensor(await parameter.data()).asParameter()),
    );
    const groupsOf = (parameters: readonly Tensor[], learningRate: number, weightDecay?: number) => [
      { parameters, learningRate, ...(weightDecay === undefined ? {} : { weightDecay }) },
    ];
    const whole = new AdamW([
      ...groupsOf(together.slice(0, 9), 0.1),
      ...groupsOf(together.slice(9), 0.02, 0.3),
    ]);
    const each = alone.map(
      (parameter, i) => new AdamW(i < 9 ? groupsOf([parameter], 0.1) : groupsOf([parameter], 0.02, 0.3)),
    );
    const calls: unknown[] = [];
    for (let step = 1; step <= 3; step++) {
      for (const [i, size] of sizes.entries()) {
        // One never has a gradient, one not at first.
        if (i === 14 || (i === 3 && step === 1)) continue;
        together[i]!.grad = normal(size);
        alone[i]!.grad = together[i]!.grad;
      }
      for (const { groups } of [whole, ...each]) for (const group of groups) group.learningRate /= step;
      const gradientScale = full([1], 0.5 + step / 8);
      await device.startProfile();
      whole.step({ gradientScale });
      const rows = await device.stopProfile();
      const scalars = rows.filter(({ kernel }) => kernel === 'adamw').map((row) => row.scalars);
      calls.push(scalars.sort((a, b) => a[0]! - b[0]!));
      for (const optimizer of each) optimizer.step({ gradientScale });
    }
    expect(calls[1]).toHaveLength(3);
    expect(calls[2]).toEqual(calls[1]);
    for (const [i, parameter] of together.entries())
      expect(await parameter.data(), `parameter ${i}`).toEqual(await alone[i]!.data());
    expect(whole.state().steps).toEqual(each.flatMap((optimizer) => optimizer.state().steps));
  });

  it('takes a step without parameters', () => {
    new AdamW([]).step();
  });

  it('refuses a parameter that is there twice', () => {
    const parameter = tensor([1, 2, 3]);
    const groups = [[tensor([0]), parameter], [parameter]].map((parameters) => ({
      parameters,
      learningRate: 1,
    }));
    expect(() => new AdamW(groups)).toThrow(/\[adamw\] .*\[3\].* is parameter 1 and parameter 2/);
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

  it('takes the norm of many gradients together', async () => {
    const gradients = Array.from({ length: 30 }, (_, i) =>
      Float32Array.from({ length: 1 + ((i * 5003) % 20_000) }, (_, at) => Math.sin(at + i)),
    );
    const parameters = gradients.map((gradient, i) => {
      const parameter = zeros([gradient.length]).asParameter();
      if (i !== 7) parameter.grad = tensor(gradient);
      return parameter;
    });
    let squares = 0;
    for (const [i, gradient] of gradients.entries())
      for (const value of gradient) squares += i === 7 ? 0 : value ** 2;
    // Four or more squares are added in float32, and every twelve gradients round the total.
    const coefficient = await clipGradientNorm(parameters, 2).item();
    expect(Math.abs((coefficient / 2) * Math.sqrt(squares) - 1)).toBeLessThan(1e-6);
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
