/** The upper halves of 32-bit numbers, rounded to nearest, ties to even; a NaN stays one. */
export function toBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(bits, (each) => {
    const upper = each >>> 16;
    if ((each & 0x7fffffff) > 0x7f800000) return upper | 0x40; // quiet, so that no NaN rounds to infinity
    return (each + 0x7fff + (upper & 1)) >>> 16;
  });
}

/** The numbers whose upper halves these are. */
export function fromBfloat16(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}
