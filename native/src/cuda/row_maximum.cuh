#pragma once
// The maximum of a row and the sum of exp(x - maximum) in one pass over memory, for softmax and cross-entropy.
#include "reduce.cuh"

namespace ocelli::cuda {

// -inf and 0 if there is nothing but -inf; `total` is NaN where a number is NaN or +inf.
struct RowMaximum {
  float top, total;
};

// As Team::join wants it: the lower one is rescaled, so that the order of the two does not matter.
struct JoinMaxima {
  __device__ __forceinline__ float2 operator()(float2 a, float2 b) const {
    const bool first = a.x >= b.x;
    const float2 high = first ? a : b, low = first ? b : a;
    // Equal ones may be -inf, whose difference is none.
    return make_float2(high.x, high.y + low.y * (low.x == high.x ? 1 : expf(low.x - high.x)));
  }
};

template <class Shape>
__device__ RowMaximum maximum_of_row(typename Shape::TeamOf& team, const float* x, int64_t width) {
  float2 all = make_float2(-INFINITY, 0);
  Shape::for_chunks(team.thread, width, [&](int, int64_t column) {
    const auto values = load_chunk<Shape::kVector>(x + column);
    float best = values.at[0];
    for (int i = 1; i < Shape::kVector; i++) best = fmaxf(best, values.at[i]);
    if (best > all.x) {
      all.y *= expf(all.x - best);
      all.x = best;
    }
    const float shift = all.x == -INFINITY ? 0 : all.x;  // -inf before any number adds nothing
    for (const float value : values.at) all.y += expf(value - shift);
  });
  all = team.join(all, JoinMaxima());
  return {all.x, all.y};
}

}  // namespace ocelli::cuda
