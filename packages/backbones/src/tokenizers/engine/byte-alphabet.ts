/** GPT-2's alphabet: a printable character for each byte, so that a vocabulary of characters covers all bytes. */
const characters: string[] = [];
{
  let next = 0;
  for (let byte = 0; byte < 256; byte++) {
    const isPrintable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    characters.push(String.fromCharCode(isPrintable ? byte : 256 + next++));
  }
}
const bytes = new Map(characters.map((character, byte) => [character, byte]));
const encoder = new TextEncoder();

/** A text's UTF-8 bytes, a character each. */
export function toByteCharacters(text: string): string {
  return Array.from(encoder.encode(text), (byte) => characters[byte]!).join('');
}

/** The bytes that characters stand for; a token with any other character stands for itself. */
export function fromByteCharacters(token: string): Iterable<number> {
  const result: number[] = [];
  for (const character of token) {
    const byte = bytes.get(character);
    if (byte === undefined) return encoder.encode(token);
    result.push(byte);
  }
  return result;
}
