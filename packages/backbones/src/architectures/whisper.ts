import { add, layerNorm, reshape, type Tensor, transpose } from '@ocelli/ops';
import { Convolution } from '../model/convolution.js';
import type { EncoderConfig } from '../model/encoder.js';
import { EncoderBlock } from '../model/encoder-block.js';
import { type EncoderBlockCall, EncoderModel } from '../model/encoder-model.js';
import { type BackboneOptions, type NormWeights, type WeightSource, Weights } from '../model/weights.js';
import type { WhisperEncoderConfig } from './whisper-config.js';

/**
 * The encoder of Whisper (Radford et al. 2022, arXiv 2212.04356): two convolutions over the frames of a log-mel spectrogram,
 * the second of which halves their number, then a pre-LN transformer with the file's (sinusoidal) positions and no class
 * token. The decoder of the checkpoint is not read.
 */
export class WhisperEncoderModel extends EncoderModel {
  readonly config: EncoderConfig;
  readonly #whisper: WhisperEncoderConfig;
  readonly #first: Convolution;
  readonly #second: Convolution;
  readonly #positions: Tensor;
  readonly #blocks: EncoderBlock[];
  readonly #finalNorm: NormWeights;

  constructor(
    whisper: WhisperEncoderConfig,
    source: WeightSource,
    fingerprint: string,
    options: BackboneOptions & { trainable?: boolean } = {},
  ) {
    const weights = new Weights(source, { trainable: options.trainable ?? false, dtype: options.dtype });
    super(weights, fingerprint);
    const { width, feedForwardWidth, bins, positions } = whisper;
    this.#whisper = whisper;
    this.config = {
      modality: 'audio',
      inputName: 'input_features',
      inputShape: [bins, 2 * positions],
      layers: whisper.layers,
      width,
      tokens: positions,
      hasClassToken: false,
    };
    const padding = [0, 1] as const;
    this.#first = new Convolution(weights, 'encoder.conv1', [width, bins, 3], { stride: 1, padding });
    this.#second = new Convolution(weights, 'encoder.conv2', [width, width, 3], { stride: [1, 2], padding });
    this.#positions = weights.tensor('encoder.embed_positions.weight', [positions, width]);
    this.#blocks = Array.from({ length: whisper.layers }, (_, layer) => {
      const block = `encoder.layers.${layer}`;
      return new EncoderBlock(
        {
          attentionNorm: weights.norm(`${block}.self_attn_layer_norm`, width),
          query: weights.linear(`${block}.self_attn.q_proj`, width, width, true),
          key: weights.linear(`${block}.self_attn.k_proj`, width, width, false),
          value: weights.linear(`${block}.self_attn.v_proj`, width, width, true),
          output: weights.linear(`${block}.self_attn.out_proj`, width, width, true),
          feedForwardNorm: weights.norm(`${block}.final_layer_norm`, width),
          up: weights.linear(`${block}.fc1`, feedForwardWidth, width, true),
          down: weights.linear(`${block}.fc2`, width, feedForwardWidth, true),
        },
        whisper,
      );
    });
    this.#finalNorm = weights.norm('encoder.layer_norm', width);
  }

  normalize(x: Tensor): Tensor {
    return layerNorm(x, { ...this.#finalNorm, epsilon: this.#whisper.epsilon });
  }

  protected embed(spectrograms: Tensor): Tensor {
    const [batch, bins, frames] = spectrograms.shape as [number, number, number];
    const { width } = this.config;
    const activation = 'gelu';
    let x = this.#first.forward(reshape(spectrograms, [batch, bins, 1, frames]), activation); // [batch, frames, width]
    x = this.#second.forward(reshape(transpose(x), [batch, width, 1, frames]), activation); // [batch, frames / 2, width]
    return add(x, this.#positions);
  }

  protected block(call: EncoderBlockCall): Tensor {
    return this.#blocks[call.layer]!.forward(call);
  }
}
