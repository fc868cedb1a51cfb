import { type TimesformerConfig, TimesformerModel, type VitConfig } from '@ocelli/backbones';
import { concat, full, type Shape, scope, type Tensor, tensor } from '@ocelli/ops';

/** Of the sines that mark a frame's time at first; those of a patch's place have 1. */
const timeStrength = 0.3;

/** A frame's time as sines and cosines (Vaswani et al. 2017): `[1, frames, width]`. */
function times(frames: number, width: number): Tensor {
  const values = Float32Array.from({ length: frames * width }, (_, at) => {
    const [frame, column] = [Math.floor(at / width), at % width];
    const angle = frame / 100 ** (Math.floor(column / 2) / (width / 2));
    return timeStrength * (column % 2 === 0 ? Math.sin(angle) : Math.cos(angle));
  });
  return tensor(values, [1, frames, width]);
}

/** The size of a TimeSformer that begins as a ViT. */
export function timesformerConfigOf(vit: VitConfig, frames: number): TimesformerConfig {
  return { ...vit, imageSize: vit.imageSize[0], frames, attentionType: 'divided_space_time' };
}

/**
 * A TimeSformer that sees what a ViT sees, as its authors begin (Bertasius et al. 2021, arXiv 2102.05095): attention over
 * space is the ViT's; attention over time begins as a copy of it, behind a linear of zeros, so that it adds nothing yet.
 * Time embeddings, which are zeros with them, begin as weak sines.
 *
 * @param vit parameters of the ViT by name; they are copied.
 */
export function beginAsVit(vit: ReadonlyMap<string, Tensor>, config: TimesformerConfig): TimesformerModel {
  const load = (name: string, shape: Shape): Tensor => {
    if (name === 'embeddings.time_embeddings') return times(config.frames, config.width);
    if (name.includes('temporal_dense')) return full(shape, 0);
    const spatial = name
      .replace('temporal_attention', 'attention')
      .replace('temporal_layernorm', 'layernorm_before');
    const parts = spatial.includes('.qkv.')
      ? ['query', 'key', 'value'].map((part) => vit.get(spatial.replace('qkv', part))!)
      : [vit.get(spatial)!];
    return concat(parts, 0).detach();
  };
  const source = {
    description: 'a vision model',
    has: () => true,
    load: (name: string, shape: Shape) => scope(() => load(name, shape)),
  };
  return new TimesformerModel(config, source, 'untrained', { trainable: true });
}
