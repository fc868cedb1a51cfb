import { checkRank, checkType } from '../core/checks.js';
import { OcelliError } from '../core/errors.js';
import { run } from '../core/run.js';
import { formatShape } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';

/** `hann` and `povey` (Hann to the power 0.85, Kaldi's own) end in zeros on both sides; `periodic-hann` on the left only. */
export type FbankWindow = 'hann' | 'povey' | 'periodic-hann';

const windows: readonly FbankWindow[] = ['hann', 'povey', 'periodic-hann'];

export interface FbankOptions {
  /** Samples in a frame, at least 2: 400 is 25 ms at 16 kHz. */
  readonly frameLength: number;
  /** Samples from the beginning of a frame to the next. */
  readonly hop: number;
  /** Points of the Fourier transform; frames are filled up with zeros. Even, without a prime factor above 5. */
  readonly fftLength: number;
  readonly window: FbankWindow;
  /** Each sample loses this much of the one before it, the first of a frame of itself. Default 0. */
  readonly preemphasis?: number;
  /** Whether each frame's mean is taken off first. Default false. */
  readonly removeOffset?: boolean;
  /** Energies below it are raised to it; above 0. Default 2^-23, as in Kaldi and torchaudio. */
  readonly floor?: number;
  /** The base of the logarithm: `e` (default) or 10. */
  readonly logarithm?: 'natural' | 'base 10';
}

/**
 * Log energies of a waveform in bands of frequency: Kaldi's filter bank features with `kaldiFilters`, a log mel spectrogram
 * with `slaneyFilters`. Only frames that lie wholly in the waveform count (Kaldi's `snip_edges`), so a waveform shorter
 * than a frame gives none. Computed in double up to the energies. No gradient.
 *
 * @param waveform `[samples]` float32.
 * @param filters `[bands, fftLength / 2 + 1]` float32: what each band takes of the energy at each frequency.
 * @returns `[frames, bands]` float32.
 */
export function fbank(waveform: Tensor, filters: Tensor, options: FbankOptions): Tensor {
  checkType('fbank', 'waveform', waveform);
  checkRank('fbank', 'waveform', waveform, 1, 1);
  checkType('fbank', 'filters', filters);
  checkRank('fbank', 'filters', filters, 2, 2);
  const { frameLength, hop, fftLength, window, floor = 2 ** -23 } = options;
  const [bands, bins] = filters.shape as [number, number];
  checkLengths(options);
  if (bins !== fftLength / 2 + 1) {
    throw new OcelliError(
      'fbank',
      `filters ${formatShape(filters.shape)} cover ${bins} frequencies, a transform of ${fftLength} points has ${fftLength / 2 + 1}`,
    );
  }
  if (!(floor > 0)) throw new OcelliError('fbank', `floor must be above 0, got ${floor}`);
  const frames = frameCount(waveform.size, frameLength, hop);
  const y = empty([frames, bands]);
  const scale = options.logarithm === 'base 10' ? Math.LOG10E : 1;
  if (y.size > 0)
    run(
      'fbank',
      [waveform, filters, y],
      [
        frames,
        hop,
        frameLength,
        fftLength,
        bands,
        options.preemphasis ?? 0,
        Number(options.removeOffset ?? false),
        windows.indexOf(window),
        floor,
        scale,
      ],
    );
  return y;
}

/** How many frames lie wholly in so many samples. */
function frameCount(samples: number, frameLength: number, hop: number): number {
  return samples < frameLength ? 0 : 1 + Math.floor((samples - frameLength) / hop);
}

function checkLengths({ frameLength, hop, fftLength, window }: FbankOptions): void {
  let rest = fftLength;
  if (Number.isInteger(fftLength) && fftLength >= 2)
    for (const factor of [2, 3, 5]) while (rest % factor === 0) rest /= factor;
  if (rest !== 1 || fftLength % 2 !== 0) {
    throw new OcelliError(
      'fbank',
      `fftLength must be even and a product of 2, 3 and 5, got ${fftLength}; take the next power of two`,
    );
  }
  if (
    !Number.isInteger(frameLength) ||
    frameLength < 2 ||
    frameLength > fftLength ||
    !Number.isInteger(hop) ||
    hop < 1
  ) {
    throw new OcelliError(
      'fbank',
      `frames of ${frameLength} samples every ${hop} do not fit a transform of ${fftLength} points; ` +
        `frames have 2 to ${fftLength} samples, the hop is at least 1`,
    );
  }
  if (!windows.includes(window))
    throw new OcelliError('fbank', `window is one of ${windows.join(', ')}, got ${window}`);
}
