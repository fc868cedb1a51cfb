import type { Waveform } from '@ocelli/datasets';

/**
 * A WAV file of one channel and 16 bits (Microsoft's "Multimedia Programming Interface and Data Specifications 1.0").
 * Samples beyond -1 to 1 are clipped.
 */
export function encodeWav({ samples, samplingRate }: Waveform): Buffer {
  const header = 44;
  const file = Buffer.alloc(header + 2 * samples.length);
  file.write('RIFF');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16); // bytes of this part
  file.writeUInt16LE(1, 20); // integers
  file.writeUInt16LE(1, 22); // channels
  file.writeUInt32LE(samplingRate, 24);
  file.writeUInt32LE(2 * samplingRate, 28); // bytes per second
  file.writeUInt16LE(2, 32); // bytes of a sample of all channels
  file.writeUInt16LE(16, 34); // bits
  file.write('data', 36);
  file.writeUInt32LE(2 * samples.length, 40);
  for (const [n, sample] of samples.entries()) {
    const level = Math.round(Math.max(-1, Math.min(1, sample)) * 32_767);
    file.writeInt16LE(level, header + 2 * n);
  }
  return file;
}
