/**
 * SentencePiece's normalisation table: a double-array trie over UTF-8 (Darts-clone's format), whose values are positions in a
 * text of replacements that end with NUL. Like the Rust library it maps a grapheme of fewer than 6 bytes as a whole, by the
 * shortest key that begins it, and otherwise each character by itself.
 */
export class PrecompiledCharsmap {
  readonly #units: Uint32Array;
  readonly #replacements: Uint8Array;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

  /** @throws {Error} if the table is shorter than it says. */
  constructor(table: Uint8Array) {
    const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
    const size = table.byteLength < 4 ? Number.POSITIVE_INFINITY : view.getUint32(0, true);
    if (size % 4 !== 0 || 4 + size > table.byteLength)
      throw new Error(`its precompiled_charsmap of ${table.byteLength} bytes is cut off`);
    this.#units = Uint32Array.from({ length: size / 4 }, (_, unit) => view.getUint32(4 + 4 * unit, true));
    this.#replacements = table.subarray(4 + size);
  }

  normalize(text: string): string {
    let result = '';
    for (const { segment } of this.#graphemes.segment(text)) {
      const bytes = this.#encoder.encode(segment);
      const whole = bytes.length < 6 ? this.#replacement(bytes) : null;
      if (whole !== null) result += whole;
      else
        for (const character of segment)
          result += this.#replacement(this.#encoder.encode(character)) ?? character;
    }
    return result;
  }

  /** What the shortest key that begins these bytes is replaced by; null if there is none. */
  #replacement(bytes: Uint8Array): string | null {
    let position = offsetOf(this.#units[0] ?? 0);
    for (const byte of bytes) {
      if (byte === 0) return null;
      position ^= byte;
      const unit = this.#units[position];
      if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) return null;
      position ^= offsetOf(unit);
      if ((unit >>> 8) & 1) return this.#at((this.#units[position] ?? 0) & 0x7fffffff);
    }
    return null;
  }

  #at(start: number): string {
    const end = this.#replacements.indexOf(0, start);
    return this.#decoder.decode(this.#replacements.subarray(start, end < 0 ? undefined : end));
  }
}

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}
