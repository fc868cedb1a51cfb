/** The rates of eSpeak NG and of what listens to speech; output `n` stands at input `n * step / phases`. */
const [phases, step] = [320, 441]; // 16,000 : 22,050

/** Input samples on either side of an output. */
const half = 24;

/** Where the filter falls to a half, in turns per input sample: 7,400 Hz. What is above 8,000 Hz is damped by 40 dB. */
const cutoff = 7400 / 22_050;

let weights: Float64Array | undefined;

/** `[phases, 2 * half]`: a sinc in a Hann window, rounded so that every machine has the same. */
function filter(): Float64Array {
  return Float64Array.from({ length: phases * 2 * half }, (_, index) => {
    const x = (index % (2 * half)) - (half - 1) - Math.floor(index / (2 * half)) / phases;
    const angle = 2 * Math.PI * cutoff * x;
    const sinc = x === 0 ? 1 : Math.sin(angle) / angle;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / half);
    return Math.round(2 * cutoff * sinc * window * 2 ** 24) / 2 ** 24;
  });
}

/** Sound of 22,050 samples per second as sound of 16,000: plenty for speech, and a few times faster to work with. */
export function to16kHz(samples: Float32Array): Float32Array {
  weights ??= filter();
  const padded = new Float64Array(samples.length + 2 * half);
  padded.set(samples, half - 1);
  const result = new Float32Array(Math.floor((samples.length * phases) / step));
  for (let n = 0; n < result.length; n++) {
    const whole = Math.floor((n * step) / phases);
    const row = ((n * step) % phases) * 2 * half;
    let sum = 0;
    for (let tap = 0; tap < 2 * half; tap++) sum += weights[row + tap]! * padded[whole + tap]!;
    result[n] = sum;
  }
  return result;
}
