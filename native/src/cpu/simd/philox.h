#pragma once
// Philox4x32-10, the counter-based generator of Salmon et al. 2011 ("Parallel Random Numbers: As Easy as 1, 2, 3"): four
// random words from a counter of four words and a key of two.
#include "vector.h"

namespace ocelli::OCELLI_ISA {

typedef uint32_t Words __attribute__((vector_size(kWidth * 4)));
typedef uint64_t WidePairs __attribute__((vector_size(kWidth * 4)));

// Products of the even lanes with `factor`, in full. Without 64-bit vector multiplication, GCC 12 does not see that the
// upper halves are zero. (Not an intrinsic: their header warns under AVX-512.)
static OCELLI_INLINE WidePairs multiply_even(WidePairs x, uint32_t factor) {
#if defined(__x86_64__) && !defined(__AVX512DQ__) && OCELLI_VECTOR_WIDTH < 16 && !defined(__clang__)
  const IntVector a = reinterpret_cast<IntVector>(x), b = IntVector{} + static_cast<int32_t>(factor);
#if OCELLI_VECTOR_WIDTH == 8
  return reinterpret_cast<WidePairs>(__builtin_ia32_pmuludq256(a, b));
#else
  return reinterpret_cast<WidePairs>(__builtin_ia32_pmuludq128(a, b));
#endif
#else
  return (x & 0xffffffffu) * static_cast<uint64_t>(factor);
#endif
}

static OCELLI_INLINE void multiply(Words x, uint32_t factor, Words& high, Words& low) {
  const WidePairs pairs = reinterpret_cast<WidePairs>(x);
  const WidePairs even = multiply_even(pairs, factor), odd = multiply_even(pairs >> 32, factor);
  const uint64_t upper = 0xffffffff00000000u;
  high = reinterpret_cast<Words>((even >> 32) | (odd & upper));
  low = reinterpret_cast<Words>((even & ~upper) | (odd << 32));
}

// kWidth counters at a time, one in each lane; replaced by their random words.
static OCELLI_INLINE void philox(Words words[4], uint32_t key0, uint32_t key1) {
#pragma GCC unroll 10
  for (int round = 0; round < 10; round++) {
    Words high0, low0, high2, low2;
    multiply(words[0], 0xD2511F53u, high0, low0);
    multiply(words[2], 0xCD9E8D57u, high2, low2);
    words[0] = high2 ^ words[1] ^ key0;
    words[1] = low2;
    words[2] = high0 ^ words[3] ^ key1;
    words[3] = low0;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
}

}  // namespace ocelli::OCELLI_ISA
