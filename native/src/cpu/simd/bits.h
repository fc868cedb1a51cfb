#pragma once
// One bit per element: bit (i & 7) of byte (i >> 3).
#include "vector.h"

namespace ocelli::OCELLI_ISA {

static OCELLI_INLINE uint32_t positive_lanes(Vector x) {
  IntVector weights;
  for (int i = 0; i < kWidth; i++) weights[i] = 1 << i;
  const IntVector bits = (x > 0.f) & weights;
  uint32_t word = 0;
  for (int i = 0; i < kWidth; i++) word |= static_cast<uint32_t>(bits[i]);
  return word;
}

// Writes the bits of elements [at, at + count), `at` a multiple of kWidth, in this order from 0 on.
static OCELLI_INLINE void store_bits(uint8_t* bits, int64_t at, uint32_t word, int64_t count) {
  if (kWidth == 4) {
    if (at & 4) bits[at >> 3] = static_cast<uint8_t>(bits[at >> 3] | word << 4);
    else bits[at >> 3] = static_cast<uint8_t>(word);
  } else {
    for (int64_t byte = 0; 8 * byte < count; byte++) bits[(at >> 3) + byte] = static_cast<uint8_t>(word >> 8 * byte);
  }
}

// x where the bit of an element is set, 0 elsewhere; elements [at, at + kWidth), `at` a multiple of kWidth. Reads whole
// bytes only where `count` elements need them.
static OCELLI_INLINE Vector where_bits(const uint8_t* bits, int64_t at, int64_t count, Vector x) {
  uint32_t word = bits[at >> 3];
  if (kWidth == 4) word >>= at & 4;
  if (kWidth == 16 && count > 8) word |= static_cast<uint32_t>(bits[(at >> 3) + 1]) << 8;
  IntVector lanes;
  for (int i = 0; i < kWidth; i++) lanes[i] = 1 << i;
  const IntVector set = (IntVector{} + static_cast<int32_t>(word)) & lanes;
  return set != 0 ? x : Vector{};
}

}  // namespace ocelli::OCELLI_ISA
