import { OcelliError, reshape, type Shape, scope, type Tensor, transpose } from '@ocelli/ops';
import type { WeightSource } from '../model/weights.js';

/** Where a tensor stands in the file, in which shape, and how it becomes Hugging Face's. */
interface Place {
  readonly name: string;
  readonly shape: Shape;
  readonly turn?: (stored: Tensor) => Tensor;
}

const finalNorm = 'Transformer/encoder_norm/scale';

/** Whether these are the names of the original AugReg files (JAX), as `.npz` files have them. */
export function hasAugRegNames(source: WeightSource): boolean {
  // A new model has every name; no checkpoint has both.
  return source.has(finalNorm) && !source.has('layernorm.weight');
}

/**
 * An original AugReg checkpoint (Steiner et al. 2021, arXiv 2106.10270; JAX) under Hugging Face's names: kernels are
 * `[inputs, outputs]`, those of attention have an axis of heads, and the patches' is `[height, width, channels, outputs]`.
 */
export function fromAugRegNames(augReg: WeightSource, heads: number): WeightSource {
  return {
    description: augReg.description,
    has: (name) => {
      const place = placeOf(name, [], heads);
      return place !== null && augReg.has(place.name);
    },
    load(name, shape) {
      const place = placeOf(name, shape, heads);
      if (!place) throw new OcelliError('vit', `internal: no AugReg name for ${name}`);
      return scope(() => {
        const stored = augReg.load(place.name, place.shape);
        return reshape(place.turn?.(stored) ?? stored, shape);
      });
    },
  };
}

/** @param shape Hugging Face's, in the order [outputs, inputs]. */
function placeOf(name: string, shape: Shape, heads: number): Place | null {
  const plain = plainNames[name];
  if (plain) return { name: plain, shape };
  const [outputs = 0, inputs = 0, height = 0, width = 0] = shape;
  if (name === 'embeddings.patch_embeddings.projection.weight') {
    const area = height * width;
    return {
      name: 'embedding/kernel',
      shape: [height, width, inputs, outputs],
      // [area, channels, outputs] → [outputs, area, channels] → [outputs, channels, area]
      turn: (kernel) =>
        transpose(reshape(transpose(reshape(kernel, [area * inputs, outputs])), [outputs, area, inputs])),
    };
  }
  const [, layer, inner = '', kind] = /^encoder\.layer\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? [];
  const norm = normNames[inner];
  const linear = linearNames[inner];
  if (!norm && !linear) return null;
  const block = `Transformer/encoderblock_${layer}`;
  if (norm) return { name: `${block}/${norm}/${kind === 'weight' ? 'scale' : 'bias'}`, shape };
  const isHeaded = inner.startsWith('attention.attention.');
  if (kind === 'bias') {
    return { name: `${block}/${linear}/bias`, shape: isHeaded ? [heads, outputs / heads] : shape };
  }
  const stored = isHeaded ? [inputs, heads, outputs / heads] : [inputs, outputs];
  const isOutput = inner === 'attention.output.dense';
  return {
    name: `${block}/${linear}/kernel`,
    shape: isOutput ? [heads, inputs / heads, outputs] : stored,
    turn: (kernel) => transpose(reshape(kernel, [inputs, outputs])),
  };
}

const plainNames: Record<string, string> = {
  'embeddings.cls_token': 'cls',
  'embeddings.position_embeddings': 'Transformer/posembed_input/pos_embedding',
  'embeddings.patch_embeddings.projection.bias': 'embedding/bias',
  'layernorm.weight': finalNorm,
  'layernorm.bias': 'Transformer/encoder_norm/bias',
};

const normNames: Record<string, string> = { layernorm_before: 'LayerNorm_0', layernorm_after: 'LayerNorm_2' };

const linearNames: Record<string, string> = {
  'attention.attention.query': 'MultiHeadDotProductAttention_1/query',
  'attention.attention.key': 'MultiHeadDotProductAttention_1/key',
  'attention.attention.value': 'MultiHeadDotProductAttention_1/value',
  'attention.output.dense': 'MultiHeadDotProductAttention_1/out',
  'intermediate.dense': 'MlpBlock_3/Dense_0',
  'output.dense': 'MlpBlock_3/Dense_1',
};
