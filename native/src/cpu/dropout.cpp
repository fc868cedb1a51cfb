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

constexpr int64_t kLanes = 16, kGroup = 4 * kLanes;

struct Stream {
  uint64_t seed, offset;

  // The words of elements [64 group, 64 group + 64), in their order.
  OCELLI_INLINE void deal(int64_t group, uint32_t* to) const {
    static const uint64_t lanes[kLanes] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    for (int lane = 0; lane < kLanes; lane += kSlots) {
      Slots words[4];
      memcpy(&words[0], lanes + lane, sizeof(Slots));
      words[0] += static_cast<uint64_t>(group) * kLanes;
      words[1] = words[0] >> 32;
      words[2] = Slots{} + offset;
      words[3] = words[2] >> 32;
      philox(words, static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32));
      for (int i = 0; i < 4; i++) {
        const SlotWords random = __builtin_convertvector(words[i], SlotWords);
        memcpy(to + i * kLanes + lane, &random, sizeof random);
      }
    }
  }
};

}  // namespace

void dropout(const Call& call) {
  const float* x = call.tensor(0);
  float* y = call.tensor(1);
  const double probability = call.scalars[1];
  const Stream stream{static_cast<uint64_t>(call.scalars[2]), static_cast<uint64_t>(call.scalars[3])};
  if (probability >= 1) {
    memset(y, 0, call.size(0) * sizeof(float));
    return;
  }
  typedef uint32_t Words __attribute__((vector_size(kWidth * 4)));
  const Words threshold = Words{} + static_cast<uint32_t>(probability * 4294967296.0);
  const float scale = static_cast<float>(1 / (1 - probability));
  parallel_blocks(call.pool, call.size(0), kBlock, [&](int64_t begin, int64_t end) {
    alignas(64) uint32_t words[kGroup];
    for (int64_t i = begin; i < end; i += kGroup) {
      stream.deal(i / kGroup, words);
      for_each_vector(end - i < kGroup ? end - i : kGroup, [&](int64_t k, int64_t count) OCELLI_HOT {
        Words word;
        memcpy(&word, words + k, sizeof word);
        const Vector kept = load_part(x + i + k, count) * scale;
        store_part(y + i + k, word < threshold ? Vector{} : kept, count);
      });
    }
  });
}

void random_bits(const Call& call) {
  uint32_t* y = call.tensor<uint32_t>(0);
  const Stream stream{static_cast<uint64_t>(call.scalars[1]), static_cast<uint64_t>(call.scalars[2])};
  parallel_blocks(call.pool, call.size(0), kBlock, [&](int64_t begin, int64_t end) {
    alignas(64) uint32_t words[kGroup];
    for (int64_t i = begin; i < end; i += kGroup) {
      stream.deal(i / kGroup, words);
      memcpy(y + i, words, (end - i < kGroup ? end - i : kGroup) * sizeof(uint32_t));
    }
  });
}

}  // namespace ocelli::OCELLI_ISA
