/**
 * Philox4x32-10 (Salmon et al. 2011): four random words from a counter of four words and a key of two. The plain form of
 * what the kernels do in registers.
 */
export function philox(counter: readonly number[], key: readonly number[]): number[] {
  let [c0, c1, c2, c3] = counter.map((word) => BigInt(word)) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key.map((word) => BigInt(word)) as [bigint, bigint];
  const low = 0xffffffffn;
  for (let round = 0; round < 10; round++) {
    const product0 = c0 * 0xd2511f53n;
    const product2 = c2 * 0xcd9e8d57n;
    [c0, c1, c2, c3] = [
      (product2 >> 32n) ^ c1 ^ k0,
      product2 & low,
      (product0 >> 32n) ^ c3 ^ k1,
      product0 & low,
    ];
    k0 = (k0 + 0x9e3779b9n) & low;
    k1 = (k1 + 0xbb67ae85n) & low;
  }
  return [c0, c1, c2, c3].map(Number);
}

/** The words that `dropout` compares: the mapping is in native/src/cpu/dropout.cpp. */
export function dropoutWords(size: number, seed: number, offset: number): Uint32Array {
  const halves = (value: number): [number, number] => [value % 2 ** 32, Math.floor(value / 2 ** 32)];
  const words = new Uint32Array(size);
  const lanes = 16;
  for (let first = 0; first < size; first += 4 * lanes) {
    for (let lane = 0; lane < lanes; lane++) {
      const random = philox([...halves(first / 4 + lane), ...halves(offset)], halves(seed));
      for (let i = 0; i < 4; i++)
        if (first + i * lanes + lane < size) words[first + i * lanes + lane] = random[i]!;
    }
  }
  return words;
}
