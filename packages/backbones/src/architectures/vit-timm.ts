import { cast, OcelliError, type Shape } from '@ocelli/ops';
import { loadPart } from '../model/load-part.js';
import type { WeightSource } from '../model/weights.js';

const plainNames: Record<string, string> = {
  'embeddings.cls_token': 'cls_token',
  'embeddings.distillation_token': 'dist_token',
  'embeddings.position_embeddings': 'pos_embed',
  'embeddings.patch_embeddings.projection.weight': 'patch_embed.proj.weight',
  'embeddings.patch_embeddings.projection.bias': 'patch_embed.proj.bias',
  'layernorm.weight': 'norm.weight',
  'layernorm.bias': 'norm.bias',
};

const blockNames: Record<string, string> = {
  layernorm_before: 'norm1',
  layernorm_after: 'norm2',
  'attention.output.dense': 'attn.proj',
  'intermediate.dense': 'mlp.fc1',
  'output.dense': 'mlp.fc2',
};

const parts = ['query', 'key', 'value'];

/** A timm checkpoint (AugReg) under Hugging Face's names: blocks are renamed, and the fused qkv is cut into three. */
export function fromTimmNames(timm: WeightSource): WeightSource {
  const locate = (name: string): { name: string; part: number } => {
    const plain = plainNames[name];
    if (plain) return { name: plain, part: -1 };
    const match = /^encoder\.layer\.(\d+)\.(.+)\.(weight|bias)$/.exec(name);
    const [, layer, inner, kind] = match ?? [];
    const attention = /^attention\.attention\.(query|key|value)$/.exec(inner ?? '');
    if (attention) return { name: `blocks.${layer}.attn.qkv.${kind}`, part: parts.indexOf(attention[1]!) };
    const renamed = blockNames[inner ?? ''];
    if (!renamed) throw new OcelliError('vit', `internal: no timm name for ${name}`);
    return { name: `blocks.${layer}.${renamed}.${kind}`, part: -1 };
  };
  const fusedShape = ([rows, ...rest]: Shape): Shape => [3 * rows!, ...rest];
  const source: WeightSource = {
    description: timm.description,
    has: (name) => timm.has(locate(name).name),
    load(name, shape) {
      const { name: timmName, part } = locate(name);
      if (part < 0) return timm.load(timmName, shape);
      if (source.loadRows) {
        using rows = source.loadRows(name, shape, 0, shape[0]!);
        return cast(rows, 'float32');
      }
      return loadPart(timm, timmName, shape, part, parts.length);
    },
  };
  if (timm.identity) {
    source.identity = (name) => {
      const { name: timmName, part } = locate(name);
      const whole = timm.identity!(timmName);
      return whole && `${whole} part ${part}`;
    };
  }
  if (timm.loadRows) {
    source.loadRows = (name, shape, begin, end) => {
      const { name: timmName, part } = locate(name);
      if (part < 0) return timm.loadRows!(timmName, shape, begin, end);
      const first = part * shape[0]!;
      return timm.loadRows!(timmName, fusedShape(shape), first + begin, first + end);
    };
  }
  return source;
}
