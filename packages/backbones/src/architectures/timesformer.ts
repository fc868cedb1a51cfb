import {
  add,
  arrangeRows,
  attention,
  concat,
  gatherRows,
  layerNorm,
  mean,
  OcelliError,
  reshape,
  type Shape,
  slice,
  type Tensor,
  tensor,
} from '@ocelli/ops';
import { Convolution } from '../model/convolution.js';
import type { EncoderConfig } from '../model/encoder.js';
import type { EncoderBlock } from '../model/encoder-block.js';
import { type EncoderBlockCall, EncoderModel } from '../model/encoder-model.js';
import { loadPart } from '../model/load-part.js';
import { repeatTokens } from '../model/special-tokens.js';
import {
  type BackboneOptions,
  type Linear,
  type NormWeights,
  type WeightSource,
  Weights,
} from '../model/weights.js';
import type { TimesformerConfig } from './timesformer-config.js';
import { vitBlock } from './vit-block.js';

/** Attention of each patch over time, and the linear after it. */
interface TemporalAttention {
  readonly norm: NormWeights;
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  readonly dense: Linear;
}

/**
 * TimeSformer (Bertasius et al. 2021, arXiv 2102.05095), a ViT over the frames of a video:
 *
 * - `divided_space_time`: a block attends over time (each patch to itself in all frames), then over space (each frame, with
 *   the class token in it; what the frames make of that is averaged). Hooks stand at the spatial attention, whose samples
 *   are frames, `[batch * frames, 1 + patches, width]`, and at the feed-forward.
 * - `joint_space_time`: every patch attends to all of all frames.
 * - `space_only`: frames are samples, `lastHiddenState` is `[batch * frames, 1 + patches, width]` as in transformers;
 *   `encodeFeatures` averages over the frames.
 *
 * But for `space_only`, tokens are the class token, then all frames of the first patch, of the second, ...
 */
export class TimesformerModel extends EncoderModel {
  readonly config: EncoderConfig;
  readonly #timesformer: TimesformerConfig;
  /** Of a video. */
  readonly #frames: number;
  /** Of a frame. */
  readonly #patchCount: number;
  readonly #classToken: Tensor;
  readonly #positions: Tensor;
  readonly #times: Tensor | null;
  readonly #patches: Convolution;
  readonly #temporal: TemporalAttention[];
  readonly #blocks: EncoderBlock[];
  readonly #finalNorm: NormWeights;

  constructor(
    timesformer: TimesformerConfig,
    source: WeightSource,
    fingerprint: string,
    options: BackboneOptions & { trainable?: boolean } = {},
  ) {
    const weights = new Weights(unstacked(source), {
      trainable: options.trainable ?? false,
      dtype: options.dtype,
    });
    super(weights, fingerprint);
    const { width, imageSize, patchSize, channels, layers, attentionType } = timesformer;
    const frames = options.frames ?? timesformer.frames;
    if (!Number.isInteger(frames) || frames < 1) {
      throw new OcelliError('timesformer', `frames must be a whole number of at least 1, got ${frames}`);
    }
    const patchCount = (imageSize / patchSize) ** 2;
    this.#timesformer = timesformer;
    this.#frames = frames;
    this.#patchCount = patchCount;
    this.config = {
      modality: 'video',
      inputName: 'pixel_values',
      inputShape: [frames, channels, imageSize, imageSize],
      layers,
      width,
      tokens: 1 + patchCount * (attentionType === 'space_only' ? 1 : frames),
      hasClassToken: true,
    };
    this.#classToken = weights.tensor('embeddings.cls_token', [1, 1, width]);
    this.#positions = weights.tensor('embeddings.position_embeddings', [1, 1 + patchCount, width]);
    this.#times =
      attentionType === 'space_only'
        ? null
        : weights.tensor('embeddings.time_embeddings', [1, timesformer.frames, width]);
    const kernel = [width, channels, patchSize, patchSize];
    this.#patches = new Convolution(weights, 'embeddings.patch_embeddings.projection', kernel);
    this.#blocks = Array.from({ length: layers }, (_, layer) => vitBlock(weights, layer, timesformer));
    this.#temporal =
      attentionType === 'divided_space_time'
        ? Array.from({ length: layers }, (_, layer) => readTemporal(weights, layer, timesformer))
        : [];
    this.#finalNorm = weights.norm('layernorm', width);
  }

  normalize(x: Tensor): Tensor {
    return this.#norm(x, this.#finalNorm);
  }

  protected embed(videos: Tensor): Tensor {
    const [batch, frames, ...picture] = videos.shape as [number, number, ...number[]];
    const { width } = this.config;
    const patches = this.#patches.forward(reshape(videos, [batch * frames, ...picture])); // [batch * frames, patches, width]
    if (!this.#times) {
      const x = concat([repeatTokens(this.#classToken, batch * frames), patches], 1);
      return add(x, this.#positions); // [batch * frames, 1 + patches, width]
    }
    const count = this.#patchCount;
    const placed = add(patches, slice(this.#positions, 1, 1, 1 + count));
    const byPatch = arrangeRows([placed], framesToPatches(batch, frames, count));
    const timed = add(reshape(byPatch, [batch * count, frames, width]), nearest(this.#times, frames));
    const classToken = add(this.#classToken, slice(this.#positions, 1, 0, 1));
    return concat([repeatTokens(classToken, batch), reshape(timed, [batch, count * frames, width])], 1); // [batch, tokens, width]
  }

  protected block(call: EncoderBlockCall): Tensor {
    const block = this.#blocks[call.layer]!;
    const temporal = this.#temporal[call.layer];
    if (!temporal) return block.forward(call);
    const { width, tokens } = this.config;
    const frames = this.#frames;
    const [batch, rows] = call.input.shape as [number, number];
    const count = this.#patchCount;
    if (rows !== tokens) {
      throw new OcelliError(
        'timesformer',
        `a block takes ${tokens} tokens, a hook made them ${rows}; leave their number`,
      );
    }
    const classTokens = slice(call.input, 1, 0, 1); // [batch, 1, width]
    let patches = slice(call.input, 1, 1, tokens); // [batch, patches * frames, width]
    patches = this.#attendOverTime(patches, temporal);

    // Over space: the class token and the patches of each frame.
    const perFrame = repeatTokens(reshape(classTokens, [1, batch, width]), frames); // [frames, batch, width]
    const pictures = arrangeRows([patches, perFrame], patchesToFrames(batch, frames, count));
    const input = reshape(pictures, [batch * frames, 1 + count, width]);
    const attended = block.attend({ ...call, input }, null); // [batch * frames, 1 + patches, width]
    const ofClass = arrangeRows([attended], classRows(batch, frames, count)); // [batch * frames, width]
    const ofPatches = arrangeRows([attended], framesToPatches(batch, frames, count, 1)); // [batch * patches * frames, width]
    const x = concat(
      [
        add(
          classTokens,
          reshape(mean(reshape(ofClass, [batch, frames, width]), { axis: 1 }), [batch, 1, width]),
        ),
        add(patches, reshape(ofPatches, patches.shape)),
      ],
      1,
    );
    return block.addFeedForward({ ...call, input: x }); // [batch, tokens, width]
  }

  /** `[batch, patches * frames, width]`, all frames of a patch after each other → the same. */
  #attendOverTime(patches: Tensor, temporal: TemporalAttention): Tensor {
    const { heads, width } = this.#timesformer;
    const frames = this.#frames;
    const rows = reshape(patches, [patches.size / (frames * width), frames, width]); // [batch * patches, frames, width]
    const x = this.#norm(rows, temporal.norm);
    const attended = attention(
      temporal.query.forward(x),
      temporal.key.forward(x),
      temporal.value.forward(x),
      {
        heads,
      },
    );
    const projected = reshape(temporal.output.forward(attended), patches.shape);
    return temporal.dense.forward(projected, { residual: patches });
  }

  #norm(x: Tensor, weights: NormWeights): Tensor {
    return layerNorm(x, { ...weights, epsilon: this.#timesformer.epsilon });
  }
}

/** Each of `count` frames takes the nearest of the stored time embeddings: `[1, stored, width]` → `[1, count, width]`. */
function nearest(times: Tensor, count: number): Tensor {
  const [, stored, width] = times.shape as [number, number, number];
  if (stored === count) return times;
  const ids = Int32Array.from({ length: count }, (_, frame) => Math.floor((frame * stored) / count));
  return reshape(gatherRows(reshape(times, [stored, width]), tensor(ids)), [1, count, width]);
}

/** Where the rows `[batch, frames, special + patches]` stand for `[batch, patches, frames]`; the special ones are left out. */
function framesToPatches(batch: number, frames: number, patches: number, special = 0): Int32Array {
  const ids = new Int32Array(batch * patches * frames);
  let place = 0;
  for (let sample = 0; sample < batch; sample++) {
    for (let patch = 0; patch < patches; patch++) {
      for (let frame = 0; frame < frames; frame++)
        ids[place++] = (sample * frames + frame) * (special + patches) + special + patch;
    }
  }
  return ids;
}

/** The way back, with class tokens `[frames, batch]`, counted after the patches, before those of each frame. */
function patchesToFrames(batch: number, frames: number, patches: number): Int32Array {
  const ids = new Int32Array(batch * frames * (1 + patches));
  const classes = batch * patches * frames;
  let place = 0;
  for (let sample = 0; sample < batch; sample++) {
    for (let frame = 0; frame < frames; frame++) {
      ids[place++] = classes + frame * batch + sample;
      for (let patch = 0; patch < patches; patch++)
        ids[place++] = (sample * patches + patch) * frames + frame;
    }
  }
  return ids;
}

/** Where the class tokens stand in `[batch * frames, 1 + patches]`. */
function classRows(batch: number, frames: number, patches: number): Int32Array {
  return Int32Array.from({ length: batch * frames }, (_, row) => row * (1 + patches));
}

function readTemporal(weights: Weights, layer: number, config: TimesformerConfig): TemporalAttention {
  const { width, queryKeyValueBias: bias } = config;
  const block = `encoder.layer.${layer}`;
  return {
    norm: weights.norm(`${block}.temporal_layernorm`, width),
    query: weights.linear(`${block}.temporal_attention.attention.query`, width, width, bias),
    key: weights.linear(`${block}.temporal_attention.attention.key`, width, width, bias),
    value: weights.linear(`${block}.temporal_attention.attention.value`, width, width, bias),
    output: weights.linear(`${block}.temporal_attention.output.dense`, width, width, true),
    dense: weights.linear(`${block}.temporal_dense`, width, width, true),
  };
}

/** Checkpoints stack the weights of queries, keys and values. */
function unstacked(source: WeightSource): WeightSource {
  const parts = ['query', 'key', 'value'];
  const find = (name: string): [name: string, part: number] => {
    const [, attention, part, kind] = /^(.*attention)\.(query|key|value)\.(weight|bias)$/.exec(name) ?? [];
    return part ? [`${attention}.qkv.${kind}`, parts.indexOf(part)] : [name, -1];
  };
  return {
    description: source.description,
    has: (name) => source.has(find(name)[0]),
    load(name: string, shape: Shape): Tensor {
      const [stored, part] = find(name);
      return part < 0 ? source.load(stored, shape) : loadPart(source, stored, shape, part, parts.length);
    },
  };
}
