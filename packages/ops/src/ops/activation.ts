import { record, willRecord } from '../autograd/node.js';
import { checkType } from '../core/checks.js';
import { run } from '../core/run.js';
import { empty, type Tensor } from '../core/tensor.js';

/** The kernels' numbers, and whether the backward pass reads the output, the input or the signs. */
const kinds = {
  relu: { number: 0, saves: 'signs' },
  gelu: { number: 1, saves: 'input' },
  geluTanh: { number: 2, saves: 'input' },
  tanh: { number: 3, saves: 'output' },
  sigmoid: { number: 4, saves: 'output' },
  silu: { number: 5, saves: 'input' },
  quickGelu: { number: 6, saves: 'input' },
  exp: { number: 7, saves: 'output' },
  log: { number: 8, saves: 'input' },
} as const;

/** What the kernels call it. */
export function activationNumber(name: keyof typeof kinds): number {
  return kinds[name].number;
}

function activate(name: Exclude<keyof typeof kinds, 'relu'>, x: Tensor): Tensor {
  checkType(name, 'x', x);
  const { number, saves } = kinds[name];
  const y = empty(x.shape);
  run('activation', [x, y], [x.size, number]);
  const saved = saves === 'output' ? y : x;
  const backward = (gradient: Tensor): Tensor[] => {
    const dx = empty(x.shape);
    run('activation_backward', [gradient, saved, dx], [x.size, number]);
    return [dx];
  };
  return record(name, [x], y, backward, [], [saved]);
}

/** max(x, 0), element by element. Saves a bit an element for backward. */
export function relu(x: Tensor): Tensor {
  checkType('relu', 'x', x);
  const y = empty(x.shape);
  const mask = willRecord([x]) ? empty([Math.ceil(x.size / 8)], 'uint8') : null;
  run('relu', [x, y, mask], [x.size]);
  if (!mask) return y;
  const backward = (gradient: Tensor): Tensor[] => {
    const dx = empty(x.shape);
    run('activation_gradient', [gradient, mask, dx], [1, x.size, activationNumber('relu')]);
    return [dx];
  };
  return record('relu', [x], y, backward, [mask], []);
}

/** x Φ(x) with the exact normal distribution (erf), as ViT uses it. */
export function gelu(x: Tensor): Tensor {
  return activate('gelu', x);
}

/** GELU's tanh approximation, as GPT-2 uses it. */
export function geluTanh(x: Tensor): Tensor {
  return activate('geluTanh', x);
}

/** Hyperbolic tangent, element by element. */
export function tanh(x: Tensor): Tensor {
  return activate('tanh', x);
}

/** 1 / (1 + exp(-x)), element by element. */
export function sigmoid(x: Tensor): Tensor {
  return activate('sigmoid', x);
}

/** x sigmoid(1.702 x), as OpenAI's CLIP uses it. */
export function quickGelu(x: Tensor): Tensor {
  return activate('quickGelu', x);
}

/** x / (1 + exp(-x)), element by element. */
export function silu(x: Tensor): Tensor {
  return activate('silu', x);
}

/** The exponential, element by element. */
export function exp(x: Tensor): Tensor {
  return activate('exp', x);
}

/** The natural logarithm, element by element. */
export function log(x: Tensor): Tensor {
  return activate('log', x);
}
