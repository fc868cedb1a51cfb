/**
 * The waveform that Python took features of too (tools/golden/audio_features.py): a rising tone with noise, in steps of
 * loudness with silence between.
 */
export function waveform(samples: number): Float32Array {
  return Float32Array.from({ length: samples }, (_, i) => {
    const tone = Math.abs(((Math.floor((i * i * 3) / 4000) + i * 17) % 1024) - 512) - 256;
    const noise = (((i * 7919) % 8191) % 64) - 32;
    const loudness = (Math.floor(i / 3000) % 5) * 5;
    return ((tone * 3 + noise) * loudness) / 32768;
  });
}
