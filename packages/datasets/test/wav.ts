/** A WAV file of channels of equal length: 8, 16 or 24 bits, or 32-bit floats. */
export function encodeWav(
  channels: readonly Float32Array[],
  samplingRate: number,
  bits: 8 | 16 | 24 | 32,
): Uint8Array {
  const bytes = bits / 8;
  const frame = channels.length * bytes;
  const data = Buffer.alloc(channels[0]!.length * frame);
  for (const [index, channel] of channels.entries()) {
    for (const [n, sample] of channel.entries()) {
      const place = n * frame + index * bytes;
      const level = Math.max(
        -(2 ** (bits - 1)),
        Math.min(2 ** (bits - 1) - 1, Math.round(sample * 2 ** (bits - 1))),
      );
      if (bits === 32) data.writeFloatLE(sample, place);
      else if (bits === 8) data.writeUInt8(level + 128, place);
      else data.writeIntLE(level, place, bytes);
    }
  }
  const header = Buffer.alloc(44);
  header.write('RIFF');
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(bits === 32 ? 3 : 1, 20); // float or integer
  header.writeUInt16LE(channels.length, 22);
  header.writeUInt32LE(samplingRate, 24);
  header.writeUInt32LE(samplingRate * frame, 28);
  header.writeUInt16LE(frame, 32);
  header.writeUInt16LE(bits, 34);
  header.write('data', 36);
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}
