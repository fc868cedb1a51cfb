/**
 * The printable character that stands for each byte in a byte-level vocabulary (Radford et al. 2019, GPT-2): printable
 * Latin-1 stands for itself, the other 68 bytes for U+0100 and on. A space is "Ġ".
 */
export const byteCharacters: readonly string[] = (() => {
  const isPrintable = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isPrintable(byte) ? byte : next++));
})();

/** GPT-2's pattern of what is never merged across: contractions, words, numbers, signs, spaces. */
const pieces = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

const encoder = new TextEncoder();

/** A text's pieces, each in byte characters: "a cat" → ["a", "Ġcat"]. */
export function bytePieces(text: string): string[] {
  return (text.match(pieces) ?? []).map((piece) =>
    Array.from(encoder.encode(piece), (byte) => byteCharacters[byte]).join(''),
  );
}
