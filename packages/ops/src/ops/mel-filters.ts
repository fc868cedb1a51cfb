import { OcelliError } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';

export interface MelFilterOptions {
  readonly bands: number;
  /** Points of the Fourier transform. */
  readonly fftLength: number;
  /** Samples per second. */
  readonly samplingRate: number;
  /** Hz. The lower end of the lowest band; default 0. */
  readonly lowest?: number;
  /** Hz. The upper end of the highest band; default half the sampling rate. */
  readonly highest?: number;
}

/**
 * Triangles of equal width on Kaldi's mel scale, 1127 log(1 + f / 700), straight on that scale and of height 1
 * (torchaudio.compliance.kaldi.get_mel_banks). The frequency at half the sampling rate belongs to no band.
 *
 * @returns `[bands, fftLength / 2 + 1]`, for `fbank`.
 */
export function kaldiFilters(options: MelFilterOptions): Tensor {
  return tensor(kaldiWeights(options), shapeOf(options));
}

/** The values of `kaldiFilters`. */
export function kaldiWeights(options: MelFilterOptions): Float32Array {
  const mel = (hertz: number): number => 1127 * Math.log1p(hertz / 700);
  const [low, high] = rangeOf(options);
  const edge = edges(mel(low), mel(high), options.bands);
  return weightsOf(options, (band, hertz) => triangle(edge, band, mel(hertz)));
}

/**
 * Triangles of equal width on the mel scale of Slaney's Auditory Toolbox (linear up to 1000 Hz, logarithmic above), straight
 * in Hz, each with the area of one band (librosa's default; Whisper's features).
 *
 * @returns `[bands, fftLength / 2 + 1]`, for `fbank`.
 */
export function slaneyFilters(options: MelFilterOptions): Tensor {
  const perMel = 200 / 3;
  const step = Math.log(6.4) / 27;
  const mel = (hertz: number): number => (hertz < 1000 ? hertz / perMel : 15 + Math.log(hertz / 1000) / step);
  const hertzOf = (mel: number): number => (mel < 15 ? mel * perMel : 1000 * Math.exp(step * (mel - 15)));
  const [low, high] = rangeOf(options);
  const edge = edges(mel(low), mel(high), options.bands).map(hertzOf);
  const weights = weightsOf(
    options,
    (band, hertz) => (triangle(edge, band, hertz) * 2) / (edge[band + 2]! - edge[band]!),
  );
  return tensor(weights, shapeOf(options));
}

/** `bands + 2` points: band i rises from i to i + 1 and falls to i + 2. */
function edges(low: number, high: number, bands: number): number[] {
  return Array.from({ length: bands + 2 }, (_, i) => low + ((high - low) * i) / (bands + 1));
}

function triangle(edge: readonly number[], band: number, x: number): number {
  const [left, middle, right] = [edge[band]!, edge[band + 1]!, edge[band + 2]!];
  return Math.max(0, Math.min((x - left) / (middle - left), (right - x) / (right - middle)));
}

function rangeOf({
  bands,
  fftLength,
  samplingRate,
  lowest = 0,
  highest = samplingRate / 2,
}: MelFilterOptions): [number, number] {
  if (
    !(Number.isInteger(bands) && bands > 0 && lowest >= 0 && lowest < highest && highest <= samplingRate / 2)
  ) {
    throw new OcelliError(
      'mel-filters',
      `${bands} bands from ${lowest} to ${highest} Hz do not lie between 0 and ${samplingRate / 2}, half the sampling rate`,
    );
  }
  if (!Number.isInteger(fftLength) || fftLength < 2 || fftLength % 2 !== 0)
    throw new OcelliError('mel-filters', `fftLength must be an even whole number, got ${fftLength}`);
  return [lowest, highest];
}

function weightsOf(options: MelFilterOptions, weight: (band: number, hertz: number) => number): Float32Array {
  const [bands, bins] = shapeOf(options);
  const { samplingRate, fftLength } = options;
  return Float32Array.from({ length: bands * bins }, (_, i) =>
    weight(Math.floor(i / bins), ((i % bins) * samplingRate) / fftLength),
  );
}

function shapeOf({ bands, fftLength }: MelFilterOptions): [number, number] {
  return [bands, fftLength / 2 + 1];
}
