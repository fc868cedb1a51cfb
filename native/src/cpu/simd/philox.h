#pragma once
// Philox4x32-10, the counter-based generator of Salmon et al. 2011 ("Parallel Random Numbers: As Easy as 1, 2, 3"): four
// random words from a counter of four words and a key of two.
#include "vector.h"

namespace ocelli::OCELLI_ISA {

// Words of 32 bits, each in a slot of 64, where products find room. What the upper halves hold does not matter.
constexpr int kSlots = kWidth / 2;
typedef uint64_t Slots __attribute__((vector_size(kSlots * 8)));
typedef uint32_t SlotWords __attribute__((vector_size(kSlots * 4)));

// GCC 12 does not see that the upper halves can be ignored and multiplies them too, so it is told the instruction.
static OCELLI_INLINE Slots multiply_words(Slots x, uint32_t factor) {
  const IntVector a = reinterpret_cast<IntVector>(x), b = IntVector{} + static_cast<int32_t>(factor);
#if defined(__clang__)
  return (x & 0xffffffffu) * static_cast<uint64_t>(factor);
#elif defined(__AVX512F__) && OCELLI_VECTOR_WIDTH == 16
  typedef long long Product __attribute__((vector_size(64)));
  return reinterpret_cast<Slots>(__builtin_ia32_pmuludq512_mask(a, b, Product{}, static_cast<unsigned char>(-1)));
#elif defined(__AVX2__) && OCELLI_VECTOR_WIDTH == 8
  return reinterpret_cast<Slots>(__builtin_ia32_pmuludq256(a, b));
#elif defined(__SSE2__) && OCELLI_VECTOR_WIDTH == 4
  return reinterpret_cast<Slots>(__builtin_ia32_pmuludq128(a, b));
#else
  (void)a, (void)b;
  return (x & 0xffffffffu) * static_cast<uint64_t>(factor);
#endif
}

// One counter in each slot; replaced by their random words.
static OCELLI_INLINE void philox(Slots words[4], uint32_t key0, uint32_t key1) {
#pragma GCC unroll 10
  for (int round = 0; round < 10; round++) {
    const Slots product0 = multiply_words(words[0], 0xD2511F53u), product2 = multiply_words(words[2], 0xCD9E8D57u);
    words[0] = (product2 >> 32) ^ words[1] ^ key0;
    words[1] = product2;
    words[2] = (product0 >> 32) ^ words[3] ^ key1;
    words[3] = product0;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
}

}  // namespace ocelli::OCELLI_ISA
