// top_k: the twin of src/cpu/top_k.cpp. A block takes a row and finds one number after another: each pass keeps the greatest
// of what comes after the last one found. The first pass reads the row from memory, the others from the second cache, where
// a vocabulary of 50,272 floats fits many times; decoding asks for one to some tens.
#include "kernels.h"
#include "stream.cuh"

namespace ocelli::cuda {

namespace {

struct Ranked {
  float value;
  int id;
};

// Whether a is to come before b: greater, or equal with a smaller id.
__device__ __forceinline__ bool comes_before(Ranked a, Ranked b) {
  return a.value > b.value || (a.value == b.value && a.id < b.id);
}

constexpr int kTopThreads = 512;

__global__ void __launch_bounds__(kTopThreads)
    top_of_rows(const float* x, int64_t width, int64_t count, float* values, int32_t* ids) {
  OCELLI_SHARED(best_of_warps, Ranked[kTopThreads / 32]);
  const int thread = threadIdx.x, lane = thread % 32;
  const float* row = x + blockIdx.x * width;
  const Ranked none = {-INFINITY, 0x7fffffff};
  Ranked last = {INFINITY, -1};
  for (int64_t place = 0; place < count; place++) {
    Ranked best = none;
    for (int64_t i = thread; i < width; i += kTopThreads) {
      const Ranked here = {row[i], static_cast<int>(i)};
      // NaN comes before nothing, and nothing before it.
      if (comes_before(here, best) && (place == 0 || comes_before(last, here))) best = here;
    }
    for (int distance = 16; distance > 0; distance /= 2) {
      const Ranked other = {__shfl_xor_sync(0xffffffffu, best.value, distance),
                            __shfl_xor_sync(0xffffffffu, best.id, distance)};
      if (comes_before(other, best)) best = other;
    }
    if (lane == 0) best_of_warps[thread / 32] = best;
    __syncthreads();
    best = best_of_warps[0];
    for (int warp = 1; warp < kTopThreads / 32; warp++)
      if (comes_before(best_of_warps[warp], best)) best = best_of_warps[warp];
    __syncthreads();
    const bool found = best.value > -INFINITY;
    if (thread == 0) {
      values[blockIdx.x * count + place] = best.value;
      ids[blockIdx.x * count + place] = found ? best.id : -1;
    }
    last = best;
  }
}

}  // namespace

void top_k(const Call& call) {
  const int64_t rows = call.size(0), width = call.size(1), count = call.size(2);
  if (rows == 0 || count == 0) return;
  OCELLI_LAUNCH(top_of_rows, static_cast<unsigned>(rows), kTopThreads, 0, call.stream->handle(), call.tensor(0), width,
                count, call.tensor(1), call.tensor<int32_t>(2));
}

}  // namespace ocelli::cuda
