#pragma once
// The running softmax of a warp's 16 rows of scores (Milakov & Gimelshein 2018), kept by each lane for its two rows.
#include "attention_shape.cuh"

namespace ocelli::cuda {

// Of the four lanes that share a row.
__device__ __forceinline__ float max_of_row(float x) {
  x = fmaxf(x, __shfl_xor_sync(kAllLanes, x, 1));
  return fmaxf(x, __shfl_xor_sync(kAllLanes, x, 2));
}
__device__ __forceinline__ float sum_of_row(float x) {
  x += __shfl_xor_sync(kAllLanes, x, 1);
  return x + __shfl_xor_sync(kAllLanes, x, 2);
}

// What a sum below the maximum `old` becomes below `base`, which is not smaller, or 0 where nothing has been seen yet.
__device__ __forceinline__ float rescale(float old, float base) { return exp2f((old - base) * kLog2OfE); }
__device__ __forceinline__ float base_of(float top) { return top == -INFINITY ? 0 : top; }

struct RunningSoftmax {
  float top[2] = {-INFINITY, -INFINITY};
  float total[2] = {};  // of this lane's columns

  // Turns a tile's products into exponentials below the running maximum, and the accumulated output with it.
  template <int kTiles, int kOutputs>
  __device__ __forceinline__ void add(const AttentionShape& shape, const AttentionSequence& s, const SeenKeys& keys,
                                      const int (&heads)[2], const int (&queries)[2], float (&scores)[kTiles][4],
                                      float (&output)[kOutputs][4], int lane) {
    const uint32_t seen[2] = {keys.of(shape, s, queries[0]), keys.of(shape, s, queries[1])};
    constexpr uint32_t kAll = kTiles == 4 ? 0xffffffffu : (1u << kTiles * 8) - 1;
    const bool whole = __all_sync(kAllLanes, seen[0] == kAll && seen[1] == kAll);
#pragma unroll
    for (int half = 0; half < 2; half++) {
#pragma unroll
      for (int j = 0; j < kTiles; j++) {
#pragma unroll
        for (int e = 0; e < 2; e++) {
          const int column = j * 8 + lane % 4 * 2 + e;
          float& score = scores[j][half * 2 + e];
          score *= shape.scale;
          if (shape.bias) score += shape.bias_of(s, heads[half], queries[half], keys.first + column);
          if (!whole && !(seen[half] >> column & 1)) score = -INFINITY;
        }
      }
      float best = top[half];
#pragma unroll
      for (int j = 0; j < kTiles; j++) best = fmaxf(best, fmaxf(scores[j][half * 2], scores[j][half * 2 + 1]));
      best = max_of_row(best);
      const float base = base_of(best), keep = rescale(top[half], base);
      float sum = 0;
#pragma unroll
      for (int j = 0; j < kTiles; j++) {
#pragma unroll
        for (int e = 0; e < 2; e++) sum += scores[j][half * 2 + e] = rescale(scores[j][half * 2 + e], base);
      }
      top[half] = best;
      total[half] = total[half] * keep + sum;
#pragma unroll
      for (int j = 0; j < kOutputs; j++) {
        output[j][half * 2] *= keep;
        output[j][half * 2 + 1] *= keep;
      }
    }
  }
};

}  // namespace ocelli::cuda
