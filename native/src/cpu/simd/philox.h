#pragma once
// Philox4x32-10, the counter-based generator of Salmon et al. 2011 ("Parallel Random Numbers: As Easy as 1, 2, 3"): four
// random words from a counter of four words and a key of two. Sixteen counters at a time, whatever the register width, so
// that every instruction set deals the same words.
#include "vector.h"

namespace ocelli::OCELLI_ISA {

constexpr int kPhiloxLanes = 16;

struct PhiloxWords {
  uint32_t word[4][kPhiloxLanes];
};

// In: sixteen counters, as four words each. Out: their random words.
static OCELLI_INLINE void philox(PhiloxWords& words, uint32_t key0, uint32_t key1) {
  for (int round = 0; round < 10; round++) {
    for (int i = 0; i < kPhiloxLanes; i++) {
      const uint64_t product0 = static_cast<uint64_t>(words.word[0][i]) * 0xD2511F53u;
      const uint64_t product1 = static_cast<uint64_t>(words.word[2][i]) * 0xCD9E8D57u;
      words.word[0][i] = static_cast<uint32_t>(product1 >> 32) ^ words.word[1][i] ^ key0;
      words.word[1][i] = static_cast<uint32_t>(product1);
      words.word[2][i] = static_cast<uint32_t>(product0 >> 32) ^ words.word[3][i] ^ key1;
      words.word[3][i] = static_cast<uint32_t>(product0);
    }
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
}

}  // namespace ocelli::OCELLI_ISA
