import { type FbankOptions, fbank } from '../ops/fbank.js';
import { kaldiWeights } from '../ops/mel-filters.js';
import { defineOp, type OpCase } from './types.js';

function fbankCase(samples: number, bands: number, options: FbankOptions): OpCase<FbankOptions> {
  return {
    inputs: [
      { shape: [samples], differentiable: false },
      { shape: [bands, options.fftLength / 2 + 1], fill: { kind: 'positive' }, differentiable: false },
    ],
    options,
  };
}

const kaldi: FbankOptions = {
  frameLength: 400,
  hop: 160,
  fftLength: 512,
  window: 'povey',
  preemphasis: 0.97,
  removeOffset: true,
};

const speech = { bands: 128, fftLength: 512, samplingRate: 16_000, lowest: 20 };

/** A frame as the transform gets it. */
function frameOf(samples: Float64Array, options: FbankOptions): Float64Array {
  const { frameLength, window, preemphasis = 0, removeOffset = false } = options;
  const mean = removeOffset ? samples.reduce((sum, sample) => sum + sample, 0) / frameLength : 0;
  const period = window === 'periodic-hann' ? frameLength : frameLength - 1;
  return samples.map((sample, i) => {
    const hann = Math.sin((Math.PI * i) / period) ** 2;
    const before = samples[Math.max(0, i - 1)]! - mean;
    return (sample - mean - preemphasis * before) * (window === 'povey' ? hann ** 0.85 : hann);
  });
}

/** |Fourier transform|^2, by its definition. */
function powerOf(frame: Float64Array, fftLength: number): Float64Array {
  return Float64Array.from({ length: fftLength / 2 + 1 }, (_, bin) => {
    let [real, imaginary] = [0, 0];
    for (const [t, value] of frame.entries()) {
      const angle = (2 * Math.PI * ((bin * t) % fftLength)) / fftLength;
      real += value * Math.cos(angle);
      imaginary -= value * Math.sin(angle);
    }
    return real ** 2 + imaginary ** 2;
  });
}

export const fbankOp = defineOp<FbankOptions>({
  name: 'fbank',
  contract: 'waveform [samples], filters [bands, fftLength / 2 + 1] → [frames, bands]',
  run: ([waveform, filters], options) => fbank(waveform!, filters!, options),
  reference: ([waveform, filters], options) => {
    const [bands, bins] = filters!.shape as [number, number];
    const { frameLength, hop, fftLength, floor = 2 ** -23, logarithm } = options;
    const frames = 1 + Math.floor((waveform!.data.length - frameLength) / hop);
    const data = new Float64Array(frames * bands);
    for (let frame = 0; frame < frames; frame++) {
      const samples = waveform!.data.slice(frame * hop, frame * hop + frameLength);
      const power = powerOf(frameOf(samples, options), fftLength);
      for (let band = 0; band < bands; band++) {
        const energy = power.reduce((sum, value, bin) => sum + value * filters!.data[band * bins + bin]!, 0);
        data[frame * bands + band] =
          Math.log(Math.max(floor, energy)) * (logarithm === 'base 10' ? Math.LOG10E : 1);
      }
    }
    return { shape: [frames, bands], data };
  },
  cases: [
    fbankCase(400, 3, kaldi),
    fbankCase(2000, 17, { ...kaldi, window: 'hann' }),
    fbankCase(1999, 5, {
      frameLength: 400,
      hop: 160,
      fftLength: 400,
      window: 'periodic-hann',
      logarithm: 'base 10',
    }),
    fbankCase(40, 2, { frameLength: 2, hop: 1, fftLength: 2, window: 'periodic-hann' }),
    fbankCase(200, 4, { frameLength: 25, hop: 7, fftLength: 30, window: 'povey', preemphasis: 0.5 }),
    fbankCase(100, 1, {
      frameLength: 17,
      hop: 30,
      fftLength: 54,
      window: 'hann',
      removeOffset: true,
      floor: 90,
    }),
    fbankCase(300, 2, { frameLength: 64, hop: 64, fftLength: 64, window: 'hann' }),
  ],
  // The energy is rounded to float32 once; the logarithm of one of up to e^20 is right to 2 ulp.
  tolerance: { absolute: 3e-7, relative: 3e-7 },
  timed: [
    {
      label: '10 s at 16 kHz, 128 bands',
      inputs: [
        { shape: [160_000], differentiable: false },
        {
          shape: [128, 257],
          fill: { kind: 'values', values: [...kaldiWeights(speech)] },
          differentiable: false,
        },
      ],
      options: kaldi,
      // Per frame: a real transform of 512 points (2.5 N log2 N), offset, preemphasis and window, power, two bands a bin.
      operations: 998 * (2.5 * 512 * 9 + 400 * 5 + 257 * 3 + 2 * 257 * 2),
    },
  ],
});
