import {
  type FbankOptions,
  fbank,
  kaldiFilters,
  keep,
  OcelliError,
  slaneyFilters,
  type Tensor,
  tensor,
} from '@ocelli/ops';
import type { AudioProcessorConfig, FilterBankConfig, LogMelConfig } from './audio-processor-config.js';
import { fingerprintOf } from './fingerprint.js';
import { maskSpectrogram, type SpecAugmentDraw } from './spec-augment.js';

/** One channel of sound. */
export interface AudioClip {
  /** `[samples]`, usually from -1 to 1. */
  readonly samples: Float32Array;
  /** Samples per second. */
  readonly samplingRate: number;
}

/** What an encoder hears of one clip. */
export interface ProcessedAudio {
  readonly data: Float32Array;
  /** `[frames, bands]` of filter bank features (AST), `[bands, frames]` of a log mel spectrogram (Whisper). */
  readonly shape: readonly [number, number];
}

/** Turns a waveform into what an encoder was trained on: AST's filter bank features or Whisper's log mel spectrogram. */
export class AudioProcessor {
  readonly kind = 'audio';
  readonly config: AudioProcessorConfig;
  /** Identifies the arithmetic: equal for processors that give equal values. Keys the feature cache. */
  readonly fingerprint: string;
  /** The shape of every result, see `ProcessedAudio`. */
  readonly outputShape: readonly [number, number];
  readonly #filters: Tensor;
  readonly #options: FbankOptions;

  constructor(config: AudioProcessorConfig) {
    this.config = config;
    this.fingerprint = fingerprintOf('audio-1', config);
    const { samplingRate, bands } = config;
    if (config.features === 'filter-bank') {
      this.#options = kaldiOptions(samplingRate);
      this.#filters = kaldiFilters({ bands, fftLength: this.#options.fftLength, samplingRate, lowest: 20 });
      this.outputShape = [config.frames, bands];
    } else {
      this.#options = whisperOptions(config);
      this.#filters = slaneyFilters({ bands, fftLength: config.fftLength, samplingRate, highest: 8000 });
      this.outputShape = [bands, Math.floor((config.seconds * samplingRate) / config.hop)];
    }
    keep(this.#filters);
  }

  /** How much of a clip is heard, in seconds: the rest changes nothing. */
  get seconds(): number {
    const { config } = this;
    return config.features === 'filter-bank'
      ? this.#samplesOf(config.frames) / config.samplingRate
      : config.seconds;
  }

  /**
   * One clip; it may have any length. What is shorter than a frame has no features: only what fills it up.
   *
   * @param mask bands and frames that an AST is not shown, see `drawSpecAugment`.
   */
  async process(clip: AudioClip, mask?: SpecAugmentDraw): Promise<ProcessedAudio> {
    this.#check(clip);
    const { config } = this;
    if (config.features === 'filter-bank')
      return { data: await this.#filterBank(clip.samples, config, mask), shape: this.outputShape };
    if (mask) throw new OcelliError('audio-processor', 'a log mel spectrogram takes no SpecAugment mask');
    return { data: await this.#logMel(clip.samples, config), shape: this.outputShape };
  }

  /** Clips as a tensor `[batch, ...outputShape]`. */
  async processBatch(clips: readonly AudioClip[]): Promise<Tensor> {
    const [rows, columns] = this.outputShape;
    const data = new Float32Array(clips.length * rows * columns);
    for (const [index, clip] of clips.entries())
      data.set((await this.process(clip)).data, index * rows * columns);
    return tensor(data, [clips.length, rows, columns]);
  }

  async #filterBank(
    samples: Float32Array,
    { frames, bands, normalize }: FilterBankConfig,
    mask: SpecAugmentDraw | undefined,
  ): Promise<Float32Array> {
    const data = new Float32Array(frames * bands);
    data.set(await this.#energies(samples.subarray(0, this.#samplesOf(frames))));
    if (mask) maskSpectrogram(data, bands, mask);
    if (normalize) {
      const factor = 2 * normalize.standardDeviation;
      for (let i = 0; i < data.length; i++) data[i] = (data[i]! - normalize.mean) / factor;
    }
    return data;
  }

  async #logMel(samples: Float32Array, config: LogMelConfig): Promise<Float32Array> {
    const [bands, frames] = this.outputShape;
    const length = config.seconds * config.samplingRate;
    const clip = new Float32Array(length).fill(config.paddingValue);
    clip.set(samples.subarray(0, length));
    const mirrored = mirrorEnds(clip, config.fftLength / 2);
    const energies = await this.#energies(mirrored.subarray(0, this.#samplesOf(frames)));
    let loudest = -Infinity;
    for (let i = 0; i < energies.length; i++) loudest = Math.max(loudest, energies[i]!);
    const data = new Float32Array(bands * frames);
    for (let band = 0; band < bands; band++) {
      for (let frame = 0; frame < frames; frame++)
        data[band * frames + frame] = (Math.max(energies[frame * bands + band]!, loudest - 8) + 4) / 4;
    }
    return data;
  }

  /** `[frames, bands]`. */
  async #energies(samples: Float32Array): Promise<Float32Array> {
    using waveform = tensor(samples);
    using energies = fbank(waveform, this.#filters, this.#options);
    return (await energies.data()) as Float32Array;
  }

  /** Samples that so many frames read. */
  #samplesOf(frames: number): number {
    return (frames - 1) * this.#options.hop + this.#options.frameLength;
  }

  #check({ samples, samplingRate }: AudioClip): void {
    const wanted = this.config.samplingRate;
    if (samplingRate !== wanted) {
      throw new OcelliError(
        'audio-processor',
        `a clip has ${samplingRate} samples per second, the encoder was trained with ${wanted}; resample it to ${wanted}`,
      );
    }
    if (!(samples instanceof Float32Array))
      throw new OcelliError('audio-processor', 'the samples of a clip must be a Float32Array of one channel');
    for (let place = 0; place < samples.length; place++) {
      if (Number.isFinite(samples[place])) continue;
      throw new OcelliError(
        'audio-processor',
        `sample ${place} of a clip is ${samples[place]}; decode the file again`,
      );
    }
  }
}

/** As AST calls torchaudio.compliance.kaldi.fbank: the rest are its defaults. */
function kaldiOptions(samplingRate: number): FbankOptions {
  const frameLength = Math.floor(samplingRate * 0.025);
  return {
    frameLength,
    hop: Math.floor(samplingRate * 0.01),
    fftLength: 2 ** Math.ceil(Math.log2(frameLength)),
    window: 'hann',
    preemphasis: 0.97,
    removeOffset: true,
  };
}

function whisperOptions({ fftLength, hop }: LogMelConfig): FbankOptions {
  return {
    frameLength: fftLength,
    hop,
    fftLength,
    window: 'periodic-hann',
    floor: 1e-10,
    logarithm: 'base 10',
  };
}

/** `margin` samples more on both sides: the signal mirrored at its first and at its last sample. */
function mirrorEnds(signal: Float32Array, margin: number): Float32Array {
  const result = new Float32Array(signal.length + 2 * margin);
  result.set(signal, margin);
  for (let i = 1; i <= margin; i++) {
    result[margin - i] = signal[i]!;
    result[margin + signal.length - 1 + i] = signal[signal.length - 1 - i]!;
  }
  return result;
}
