import { createHash } from 'node:crypto';

/** The first 52 bits of the SHA-256 of a text (a little-endian word, then 20 bits), as a fraction in [0, 1). */
export function hashFraction(text: string): number {
  const digest = createHash('sha256').update(text).digest();
  return (digest.readUInt32LE(0) + (digest.readUInt32LE(4) >>> 12) / 2 ** 20) / 2 ** 32;
}

/**
 * Random numbers in [0, 1) from a text: sfc32 (Chris Doty-Humphrey, PractRand), its 128 bits of state being the head of
 * the text's SHA-256. The same on every machine.
 */
export function randomFrom(text: string): () => number {
  const digest = createHash('sha256').update(text).digest();
  let [a, b, c, counter] = [0, 4, 8, 12].map((at) => digest.readInt32LE(at)) as [
    number,
    number,
    number,
    number,
  ];
  return () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
}
