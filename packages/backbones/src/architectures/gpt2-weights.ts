import { type Shape, slice, type Tensor, transpose } from '@ocelli/ops';
import type { WeightSource } from '../model/weights.js';

const parts = ['query', 'key', 'value'];

/** A linear of a block that a checkpoint keeps as `Conv1D`, and which third of it, if it is one of attention's. */
const conv1d = /^(.*\.h\.\d+\.(?:attn|mlp)\.c_(?:attn|proj|fc))(?:\.(query|key|value))?\.(weight|bias)$/;

/**
 * GPT-2's linears as everywhere else. Its checkpoints keep weights as `[inputs, outputs]` and queries, keys and values side
 * by side in `attn.c_attn`; here weights are `[outputs, inputs]`, and there are `attn.c_attn.query`, `.key` and `.value`.
 */
export function fromConv1d(source: WeightSource): WeightSource {
  const locate = (name: string): { stored: string; part: number; kind: string | undefined } => {
    const [, linear, part, kind] = conv1d.exec(name) ?? [];
    return { stored: linear ? `${linear}.${kind}` : name, part: parts.indexOf(part ?? ''), kind };
  };
  return {
    description: source.description,
    has: (name) => source.has(locate(name).stored),
    load(name: string, shape: Shape): Tensor {
      const { stored, part, kind } = locate(name);
      const [outputs, ...inputs] = shape as [number, ...number[]];
      if (!kind) return source.load(stored, shape);
      const columns = part < 0 ? outputs : parts.length * outputs;
      const whole = source.load(stored, [...inputs, columns]); // [inputs, columns], a bias [columns]
      const own = part < 0 ? whole : slice(whole, inputs.length, part * outputs, (part + 1) * outputs);
      if (own !== whole) whole.dispose();
      if (kind === 'bias') return own;
      const turned = transpose(own);
      own.dispose();
      return turned;
    },
  };
}
