import { OcelliError, type Random } from '@ocelli/ops';

/** A run `[begin, end)`. */
export interface Interval {
  readonly begin: number;
  readonly end: number;
}

/** Which bands and frames are masked: all that `maskSpectrogram` needs. */
export interface SpecAugmentDraw {
  readonly bands: Interval;
  readonly frames: Interval;
}

export interface SpecAugmentOptions {
  /** Bands of the spectrogram. */
  readonly bands: number;
  /** Its frames, those that fill it up too. */
  readonly frames: number;
  /** Masks are narrower than this. Default 24 bands, as eP-ALM was trained. */
  readonly widestBands?: number;
  /** Default 96 frames. */
  readonly widestFrames?: number;
}

/**
 * Draws one run of bands and one of frames to be masked (SpecAugment without time warping; Park et al. 2019,
 * arXiv 1904.08779), each of a uniform width at a uniform place, as torchaudio's FrequencyMasking and TimeMasking do.
 */
export function drawSpecAugment(
  random: Random,
  { bands, frames, widestBands = 24, widestFrames = 96 }: SpecAugmentOptions,
): SpecAugmentDraw {
  if (!(widestBands >= 0 && widestBands <= bands && widestFrames >= 0 && widestFrames <= frames)) {
    throw new OcelliError(
      'spec-augment',
      `masks of up to ${widestBands} bands and ${widestFrames} frames do not fit a spectrogram of ${bands} bands and ${frames} frames`,
    );
  }
  return {
    bands: drawInterval(random, bands, widestBands),
    frames: drawInterval(random, frames, widestFrames),
  };
}

function drawInterval(random: Random, extent: number, widest: number): Interval {
  const width = random.uniform() * widest;
  const begin = Math.floor(random.uniform() * (extent - width));
  return { begin, end: begin + Math.floor(width) };
}

/** Sets what is masked to 0, in place. `data` is `[frames, bands]`. */
export function maskSpectrogram(data: Float32Array, bands: number, mask: SpecAugmentDraw): void {
  data.fill(0, mask.frames.begin * bands, mask.frames.end * bands);
  for (let row = 0; row < data.length; row += bands)
    data.fill(0, row + mask.bands.begin, row + mask.bands.end);
}
