import {
  keep,
  type LinearOptions,
  linear,
  OcelliError,
  PackedWeight,
  type Random,
  type Shape,
  type Tensor,
  type WeightType,
} from '@ocelli/ops';
import { shareWeight } from './share-weight.js';

/** Where a backbone's tensors come from: a checkpoint, or a random start. */
export interface WeightSource {
  /** For messages: the folder. */
  readonly description: string;
  has(name: string): boolean;
  /** A float32 tensor of exactly this shape, owned by the caller; throws with the name if it is missing or differs. */
  load(name: string, shape: Shape): Tensor;
  /**
   * Rows [begin, end) of what `load` would give, for packing: half types stay what they are. Without it a weight is packed from
   * the whole tensor.
   */
  loadRows?(name: string, shape: Shape, begin: number, end: number): Tensor;
  /**
   * Says what values a tensor has: two with the same text are the same, whatever source they are from. Their frozen weights are
   * then in memory once for all models. Undefined, or without it, nothing is shared.
   */
  identity?(name: string): string | undefined;
}

/** How a backbone is kept in memory. */
export interface BackboneOptions {
  /**
   * Of the frozen weights of its linears; arithmetic is float32. `float32` (default) is exact, `bfloat16` and `float16`
   * take half the memory and lose nothing of checkpoints of their own type, `int8` and `fp8` take a quarter, `nf4`
   * and `fp4` a seventh.
   */
  readonly dtype?: WeightType;
  /**
   * Encoders of pictures: height and width in pixels. Another size than the checkpoint's has its positions interpolated as
   * transformers does. Default: what `config.json` says; of DINOv2, what its `preprocessor_config.json` makes.
   */
  readonly imageSize?: readonly [height: number, width: number];
  /**
   * Encoders of videos: frames of a video. Another number than the checkpoint's takes each frame's time embedding from the
   * nearest, as transformers does. Default: what `config.json` says.
   */
  readonly frames?: number;
}

/** `x Wᵀ + bias` with a frozen (packed) or a trainable weight. */
export class Linear {
  constructor(
    public weight: Tensor | PackedWeight,
    public bias: Tensor | null,
  ) {}

  forward(x: Tensor, options?: LinearOptions): Tensor {
    return linear(x, this.weight, this.bias, options);
  }
}

/** Weight and bias of a layer norm. */
export interface NormWeights {
  weight: Tensor | null;
  bias: Tensor | null;
}

/** The named tensors of one backbone, under their names in the checkpoint. Frozen unless told otherwise. */
export class Weights {
  readonly #source: WeightSource;
  readonly #trainable: boolean;
  /** Of packed weights. */
  readonly #dtype: WeightType;
  readonly #shapes = new Map<string, Shape>();
  readonly #tensors = new Map<string, Tensor>();
  /** Gives up this model's part in what it shares with others. */
  readonly #releases = new Map<string, () => void>();
  readonly #linears = new Map<string, { layer: Linear; part: 'weight' | 'bias' }>();

  constructor(source: WeightSource, options: { trainable: boolean; dtype?: WeightType | undefined }) {
    this.#source = source;
    this.#trainable = options.trainable;
    this.#dtype = options.dtype ?? 'float32';
  }

  /** Number of elements over all tensors. */
  get parameterCount(): number {
    let count = 0;
    for (const shape of this.#shapes.values())
      count += shape.reduce((product, extent) => product * extent, 1);
    return count;
  }

  get names(): string[] {
    return [...this.#shapes.keys()];
  }

  has(name: string): boolean {
    return this.#source.has(name);
  }

  tensor(name: string, shape: Shape): Tensor {
    const load = (): Tensor => keep(this.#source.load(name, shape));
    const loaded = this.#trainable ? load().asParameter() : this.#share(name, shape, 'plain', load);
    this.#shapes.set(name, shape);
    this.#tensors.set(name, loaded);
    return loaded;
  }

  norm(name: string, width: number, affine = true): NormWeights {
    if (!affine) return { weight: null, bias: null };
    return { weight: this.tensor(`${name}.weight`, [width]), bias: this.tensor(`${name}.bias`, [width]) };
  }

  linear(name: string, outputs: number, inputs: number, hasBias: boolean): Linear {
    return this.#linear(name, [outputs, inputs], hasBias, this.#dtype);
  }

  /** A language model's head, without bias: `[vocabulary, width]`; where it is tied, the token table is the same memory. */
  head(name: string, vocabulary: number, width: number): Linear {
    return this.#linear(name, [vocabulary, width], false, headType(this.#dtype));
  }

  /** Makes tensors trainable by exact name; linears get a plain weight in place of the packed one. */
  unfreeze(names: readonly string[]): Map<string, Tensor> {
    const result = new Map<string, Tensor>();
    for (const name of names) {
      const shape = this.#shapes.get(name);
      if (!shape) {
        throw new OcelliError(
          'unfreeze',
          `${this.#source.description} has no tensor "${name}"; it has ${this.names.join(', ')}`,
        );
      }
      let tensor = this.#tensors.get(name);
      if (!tensor) {
        tensor = this.#source.load(name, shape);
        const { layer } = this.#linears.get(name)!;
        layer.weight = tensor;
        this.#tensors.set(name, tensor);
      }
      this.#release(name);
      tensor.unshare();
      result.set(name, tensor.asParameter());
    }
    return result;
  }

  /** Every tensor by name; needs trainable weights, since packed ones no longer have their plain form. */
  named(): ReadonlyMap<string, Tensor> {
    if (this.#tensors.size !== this.#shapes.size) {
      throw new OcelliError(
        'weights',
        `frozen weights of ${this.#source.description} are packed; load them as trainable to read them`,
      );
    }
    return this.#tensors;
  }

  dispose(): void {
    for (const name of [...this.#releases.keys()]) this.#release(name);
    for (const tensor of this.#tensors.values()) tensor.dispose();
  }

  #linear(name: string, shape: readonly [number, number], hasBias: boolean, dtype: WeightType): Linear {
    const weightName = `${name}.weight`;
    let weight: Tensor | PackedWeight;
    if (this.#trainable) {
      weight = this.tensor(weightName, shape);
    } else {
      weight = this.#share(weightName, shape, dtype, () => this.#pack(weightName, shape, dtype));
      this.#shapes.set(weightName, shape);
    }
    const layer = new Linear(weight, hasBias ? this.tensor(`${name}.bias`, [shape[0]]) : null);
    this.#linears.set(weightName, { layer, part: 'weight' });
    if (hasBias) this.#linears.set(`${name}.bias`, { layer, part: 'bias' });
    return layer;
  }

  #pack(name: string, shape: Shape, dtype: WeightType): PackedWeight {
    const source = this.#source;
    const options = { dtype };
    if (source.loadRows) {
      const load = (begin: number, end: number): Tensor => source.loadRows!(name, shape, begin, end);
      return new PackedWeight({ shape, load }, options);
    }
    using plain = source.load(name, shape);
    return new PackedWeight(plain, options);
  }

  #share<T extends Tensor | PackedWeight>(name: string, shape: Shape, form: string, make: () => T): T {
    const identity = this.#source.identity?.(name);
    const { value, release } = shareWeight(identity && `${identity} ${shape.join()} ${form}`, make);
    this.#releases.set(name, release);
    return value;
  }

  #release(name: string): void {
    this.#releases.get(name)?.();
    this.#releases.delete(name);
  }
}

/**
 * How a head is kept where the other linears are kept so: the 4-bit types leave it in bfloat16, as bitsandbytes leaves it
 * out, since its error would be in every embedding and every logit.
 */
export function headType(dtype: WeightType): WeightType {
  return dtype === 'nf4' || dtype === 'fp4' ? 'bfloat16' : dtype;
}

/** A source that starts every tensor afresh: weights by `start(name, shape)`. */
export function initialWeights(
  random: Random,
  start: (name: string, shape: Shape, random: Random) => Tensor,
): WeightSource {
  return {
    description: 'a new model',
    has: () => true,
    load: (name, shape) => start(name, shape, random),
  };
}
