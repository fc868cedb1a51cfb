// dropout, random_bits: the twins of src/cpu/dropout.cpp's, with the same words.
//
// Bound by bytes: 8 an element. A thread has one counter, whose four words belong to elements 16 apart: a warp reads and
// writes whole sectors, four loads of a thread under way at once, and Philox costs 25 instructions an element.
#include "kernels.h"
#include "stream.cuh"

namespace ocelli::cuda {

namespace {

constexpr int kWordsOfCounter = 4, kCounters = 16;  // of a group of 64 elements, which 16 counters serve

struct RandomWords {
  uint64_t seed, offset;

  // Philox4x32-10 (Salmon et al. 2011) at a counter.
  __device__ void deal(uint64_t counter, uint32_t (&words)[4]) const {
    words[0] = static_cast<uint32_t>(counter), words[1] = static_cast<uint32_t>(counter >> 32);
    words[2] = static_cast<uint32_t>(offset), words[3] = static_cast<uint32_t>(offset >> 32);
    uint32_t key0 = static_cast<uint32_t>(seed), key1 = static_cast<uint32_t>(seed >> 32);
#pragma unroll
    for (int round = 0; round < 10; round++) {
      const uint32_t low0 = words[0] * 0xD2511F53u, high0 = __umulhi(words[0], 0xD2511F53u);
      const uint32_t low2 = words[2] * 0xCD9E8D57u, high2 = __umulhi(words[2], 0xCD9E8D57u);
      words[0] = high2 ^ words[1] ^ key0;
      words[1] = low2;
      words[2] = high0 ^ words[3] ^ key1;
      words[3] = low0;
      key0 += 0x9E3779B9u;
      key1 += 0xBB67AE85u;
    }
  }
};

// y[i] = function(x[i], the word of element i); without x for words alone.
template <class Function, class T>
__global__ void __launch_bounds__(256) map_random(int64_t count, RandomWords random, Function function, const T* x, T* y) {
  const int64_t stride = static_cast<int64_t>(gridDim.x) * blockDim.x;
  const int64_t counters = (count + kWordsOfCounter * kCounters - 1) / (kWordsOfCounter * kCounters) * kCounters;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < counters; i += stride) {
    const int64_t first = i / kCounters * (kWordsOfCounter * kCounters) + i % kCounters;
    T values[kWordsOfCounter] = {};
    if (x) {
#pragma unroll
      for (int k = 0; k < kWordsOfCounter; k++)
        if (first + k * kCounters < count) values[k] = x[first + k * kCounters];
    }
    uint32_t words[4];
    random.deal(static_cast<uint64_t>(i), words);
#pragma unroll
    for (int k = 0; k < kWordsOfCounter; k++)
      if (first + k * kCounters < count) y[first + k * kCounters] = function(values[k], words[k]);
  }
}

struct Drop {
  uint32_t threshold;
  float scale;
  __device__ float operator()(float x, uint32_t word) const { return word < threshold ? 0.f : x * scale; }
};
struct TakeWord {
  __device__ uint32_t operator()(uint32_t, uint32_t word) const { return word; }
};

template <class Function, class T>
void launch_random(Stream& stream, int64_t count, const RandomWords& random, const Function& function, const T* x, T* y) {
  if (count <= 0) return;
  OCELLI_LAUNCH((map_random<Function, T>), blocks_for((count + 3) / 4, 256), 256, 0, stream.handle(), count, random, function, x, y);
}

}  // namespace

void dropout(const Call& call) {
  const double probability = call.scalars[1];
  const int64_t count = call.size(0);
  if (probability >= 1)
    return check(cudaMemsetAsync(call.tensor(1), 0, count * sizeof(float), call.stream->handle()), "cudaMemsetAsync");
  const RandomWords random{static_cast<uint64_t>(call.scalars[2]), static_cast<uint64_t>(call.scalars[3])};
  const Drop drop{static_cast<uint32_t>(probability * 4294967296.0), static_cast<float>(1 / (1 - probability))};
  launch_random<Drop, float>(*call.stream, count, random, drop, call.tensor(0), call.tensor(1));
}

void random_bits(const Call& call) {
  const RandomWords random{static_cast<uint64_t>(call.scalars[1]), static_cast<uint64_t>(call.scalars[2])};
  launch_random<TakeWord, uint32_t>(*call.stream, call.size(0), random, TakeWord{}, nullptr, call.tensor<uint32_t>(0));
}

}  // namespace ocelli::cuda
