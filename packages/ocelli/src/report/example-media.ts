import type { Pixels, Video, Waveform } from '@ocelli/datasets';

/** A made-up video: a disc that wanders over a field, 8 frames of 96 x 72 in two seconds. */
export function exampleVideo(direction: 1 | -1 = 1): Video {
  const frames = Array.from({ length: 8 }, (_, t): Pixels => {
    const [width, height] = [96, 72];
    const data = new Uint8Array(width * height * 3);
    const middle = direction === 1 ? 12 + 10 * t : 84 - 10 * t;
    for (let i = 0; i < width * height; i++) {
      const [x, y] = [(i % width) - middle, Math.floor(i / width) - 36];
      data.set(x * x + y * y < 120 ? [230, 170, 40] : [60, 110, 90], i * 3);
    }
    return { data, width, height, channels: 3 };
  });
  return { frames, times: frames.map((_, t) => t / 4), duration: 2 };
}

/** A made-up recording: a tone that rises, or falls, between 300 Hz and 6 kHz for 1.5 s. */
export function exampleSound(direction: 1 | -1 = 1): Waveform {
  const [samplingRate, seconds] = [16_000, 1.5];
  const [from, to] = direction === 1 ? [300, 6000] : [6000, 300];
  let phase = 0;
  const samples = Float32Array.from({ length: samplingRate * seconds }, (_, n) => {
    const hertz = from * (to / from) ** (n / samplingRate / seconds);
    phase += (2 * Math.PI * hertz) / samplingRate;
    return 0.4 * Math.sin(phase) + 0.1 * Math.sin(2 * phase);
  });
  return { samples, samplingRate };
}
