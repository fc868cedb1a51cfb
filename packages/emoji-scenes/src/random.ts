/**
 * 32-bit hash of a text: FNV-1a over its UTF-8 bytes, then the finaliser of MurmurHash3, so that every bit depends on
 * every byte. Part of the data set's definition: it never changes.
 */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * Random numbers from a text: sfc32 (Chris Doty-Humphrey's "small fast counter" generator, PractRand), its 128 bits of
 * state being `hashText` of the text with `#0` to `#3` after it. The same text gives the same numbers on every machine.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter: number;

  constructor(text: string) {
    this.a = hashText(`${text}#0`);
    this.b = hashText(`${text}#1`);
    this.c = hashText(`${text}#2`);
    this.counter = hashText(`${text}#3`);
  }

  /** Uniform in [0, 1), with 32 bits. */
  next(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** A whole number, uniform in 0 to `length - 1`. */
  below(length: number): number {
    return Math.floor(this.next() * length);
  }

  /** One of `items`, uniformly. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}
