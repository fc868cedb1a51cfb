// Dropout (Srivastava et al. 2014), inverted: y = x * keep / (1 - probability).
//
// dropout       tensors x[n], y[n]; y may be x           scalars n, probability, seed, offset
//   The same call on dy is the backward: the mask is made again from (seed, offset), not stored. seed and offset are
//   integers below 2^53. Calls with the same seed and different offsets are independent of each other.
// random_bits   tensors words uint32[n]                  scalars n, seed, offset
//   The words that dropout compares with probability * 2^32 (below it: dropped).
//
// Element e takes word (e / 16) % 4 of Philox4x32-10 at the counter (64-bit (e / 64) * 16 + e % 16, 64-bit offset) under the
// key seed. The words do not depend on the instruction set or the number of threads.
#include "kernels.h"
#include "simd/fold.h"
#include "simd/philox.h"

namespace ocelli::OCELLI_ISA {
namespace {

struct Stream {
  uint64_t seed, offset;

  // The words of elements [64 group, 64 group + 64), in their order.
  OCELLI_INLINE void deal(int64_t group, PhiloxWords& words) const {
    const uint64_t first = static_cast<uint64_t>(group) * kPhiloxLanes;  // a multiple of 16: lanes never carry
    for (int i = 0; i < kPhiloxLanes; i++) {
      words.word[0][i] = static_cast<uint32_t>(first) + i;
      words.word[1][i] = static_cast<uint32_t>(first >> 32);
      words.word[2][i] = static_cast<uint32_t>(offset);
      words.word[3][i] = static_cast<uint32_t>(offset >> 32);
    }
    philox(words, static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32));
  }
};

constexpr int64_t kGroup = 4 * kPhiloxLanes;

}  // namespace

void dropout(const Call& call) {
  const float* x = call.tensor(0);
  float* y = call.tensor(1);
  const double probability = call.scalars[1];
  const Stream stream{static_cast<uint64_t>(call.scalars[2]), static_cast<uint64_t>(call.scalars[3])};
  const bool none = probability >= 1;
  const uint32_t threshold = none ? 0xffffffffu : static_cast<uint32_t>(probability * 4294967296.0);
  const float scale = none ? 0 : static_cast<float>(1 / (1 - probability));
  parallel_blocks(call.pool, call.size(0), kBlock, [&](int64_t begin, int64_t end) {
    alignas(64) PhiloxWords words;
    for (int64_t i = begin; i < end; i += kGroup) {
      stream.deal(i / kGroup, words);
      const uint32_t* word = reinterpret_cast<const uint32_t*>(&words);
      if (i + kGroup <= end)
        for (int64_t k = 0; k < kGroup; k++) y[i + k] = word[k] < threshold ? 0 : x[i + k] * scale;
      else
        for (int64_t k = 0; k < end - i; k++) y[i + k] = word[k] < threshold ? 0 : x[i + k] * scale;
    }
  });
}

void random_bits(const Call& call) {
  uint32_t* y = call.tensor<uint32_t>(0);
  const Stream stream{static_cast<uint64_t>(call.scalars[1]), static_cast<uint64_t>(call.scalars[2])};
  parallel_blocks(call.pool, call.size(0), kBlock, [&](int64_t begin, int64_t end) {
    PhiloxWords words;
    for (int64_t i = begin; i < end; i += kGroup) {
      stream.deal(i / kGroup, words);
      memcpy(y + i, words.word, (end - i < kGroup ? end - i : kGroup) * sizeof(uint32_t));
    }
  });
}

}  // namespace ocelli::OCELLI_ISA
