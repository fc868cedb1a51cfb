import { add, concat, layerNorm, reshape, type Shape, slice, type Tensor } from '@ocelli/ops';
import { Convolution } from '../model/convolution.js';
import type { EncoderConfig } from '../model/encoder.js';
import { EncoderBlock } from '../model/encoder-block.js';
import { type EncoderBlockCall, EncoderModel } from '../model/encoder-model.js';
import { type Grid, interpolatePositions } from '../model/interpolate-positions.js';
import { loadPart } from '../model/load-part.js';
import { repeatTokens } from '../model/special-tokens.js';
import { type BackboneOptions, type NormWeights, type WeightSource, Weights } from '../model/weights.js';
import type { Dinov2Config } from './dinov2-config.js';
import { gridOf } from './encoder-config.js';

/**
 * DINOv2 (Oquab et al. 2023, arXiv 2304.07193): a ViT with layer scale, the giant one with SwiGLU; with registers
 * (Darcet et al. 2023, arXiv 2309.16588) between the class token and the patches, without a position.
 */
export class Dinov2Model extends EncoderModel {
  readonly config: EncoderConfig;
  readonly #dino: Dinov2Config;
  readonly #grids: readonly [stored: Grid, used: Grid];
  readonly #classToken: Tensor;
  readonly #registers: Tensor | null;
  readonly #positions: Tensor;
  readonly #patches: Convolution;
  readonly #blocks: EncoderBlock[];
  readonly #finalNorm: NormWeights;

  constructor(
    dino: Dinov2Config,
    source: WeightSource,
    fingerprint: string,
    options: BackboneOptions & { trainable?: boolean } = {},
  ) {
    const weights = new Weights(withGates(source), {
      trainable: options.trainable ?? false,
      dtype: options.dtype,
    });
    super(weights, fingerprint);
    const { width, patchSize, channels } = dino;
    const imageSize = options.imageSize ?? dino.imageSize;
    const stored = gridOf(dino.imageSize, patchSize, source.description);
    const used = gridOf(imageSize, patchSize, source.description);
    this.#dino = dino;
    this.#grids = [stored, used];
    this.config = {
      modality: 'image',
      inputName: 'pixel_values',
      inputShape: [channels, ...imageSize],
      layers: dino.layers,
      width,
      tokens: 1 + (dino.registers ?? 0) + used[0] * used[1],
      hasClassToken: true,
    };
    this.#classToken = weights.tensor('embeddings.cls_token', [1, 1, width]);
    // Of pretraining: no picture needs it, but it is a parameter of the checkpoint.
    if (weights.has('embeddings.mask_token')) weights.tensor('embeddings.mask_token', [1, width]);
    this.#registers = dino.registers
      ? weights.tensor('embeddings.register_tokens', [1, dino.registers, width])
      : null;
    this.#positions = weights.tensor('embeddings.position_embeddings', [1, 1 + stored[0] * stored[1], width]);
    const kernel = [width, channels, patchSize, patchSize];
    this.#patches = new Convolution(weights, 'embeddings.patch_embeddings.projection', kernel);
    this.#blocks = Array.from({ length: dino.layers }, (_, layer) => readBlock(weights, layer, dino));
    this.#finalNorm = weights.norm('layernorm', width);
  }

  normalize(x: Tensor): Tensor {
    return layerNorm(x, { ...this.#finalNorm, epsilon: this.#dino.epsilon });
  }

  protected embed(pixels: Tensor): Tensor {
    const [batch] = pixels.shape as [number];
    const patches = this.#patches.forward(pixels); // [batch, patches, width]
    const antialias = this.#dino.registers !== null;
    const positions = interpolatePositions(this.#positions, ...this.#grids, { antialias });
    const x = add(concat([repeatTokens(this.#classToken, batch), patches], 1), positions);
    if (!this.#registers) return x; // [batch, 1 + patches, width]
    const registers = repeatTokens(this.#registers, batch);
    return concat([slice(x, 1, 0, 1), registers, slice(x, 1, 1, x.shape[1]!)], 1); // [batch, tokens, width]
  }

  protected block(call: EncoderBlockCall): Tensor {
    return this.#blocks[call.layer]!.forward(call);
  }

  /** The class token. */
  protected override pool(x: Tensor): Tensor {
    return reshape(slice(x, 1, 0, 1), [x.shape[0]!, this.config.width]);
  }
}

function readBlock(weights: Weights, layer: number, dino: Dinov2Config): EncoderBlock {
  const { width, feedForwardWidth, queryKeyValueBias: bias, hasGate } = dino;
  const block = `encoder.layer.${layer}`;
  return new EncoderBlock(
    {
      attentionNorm: weights.norm(`${block}.norm1`, width),
      query: weights.linear(`${block}.attention.attention.query`, width, width, bias),
      key: weights.linear(`${block}.attention.attention.key`, width, width, bias),
      value: weights.linear(`${block}.attention.attention.value`, width, width, bias),
      output: weights.linear(`${block}.attention.output.dense`, width, width, true),
      attentionScale: weights.tensor(`${block}.layer_scale1.lambda1`, [width]),
      feedForwardNorm: weights.norm(`${block}.norm2`, width),
      ...(hasGate ? { gate: weights.linear(`${block}.mlp.gate`, feedForwardWidth, width, true) } : {}),
      up: weights.linear(`${block}.mlp.${hasGate ? 'up' : 'fc1'}`, feedForwardWidth, width, true),
      down: weights.linear(`${block}.mlp.${hasGate ? 'weights_out' : 'fc2'}`, width, feedForwardWidth, true),
      feedForwardScale: weights.tensor(`${block}.layer_scale2.lambda1`, [width]),
    },
    dino,
  );
}

/** Checkpoints stack SwiGLU's gate upon its other half, in `weights_in`. */
function withGates(source: WeightSource): WeightSource {
  const find = (name: string): [name: string, part: number] => {
    const [, block, half, kind] = /^(.*\.mlp)\.(gate|up)\.(weight|bias)$/.exec(name) ?? [];
    return half ? [`${block}.weights_in.${kind}`, half === 'gate' ? 0 : 1] : [name, -1];
  };
  return {
    description: source.description,
    has: (name) => source.has(find(name)[0]),
    load(name: string, shape: Shape): Tensor {
      const [stored, part] = find(name);
      return part < 0 ? source.load(stored, shape) : loadPart(source, stored, shape, part, 2);
    },
  };
}
