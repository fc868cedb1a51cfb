#pragma once
// Sums and maxima of a run of floats, mapped on the way. The order of the additions depends on the length alone.
#include "vector.h"

namespace ocelli::OCELLI_ISA {

// A lambda in a hot loop: called from several places, it must still be inlined.
#define OCELLI_HOT __attribute__((always_inline))

// Floats are added in four registers over runs of this length, 64 additions a lane, and the runs in double.
constexpr int64_t kFoldRun = 256 * kWidth;

// The sum of map(offset, count) over [0, n). In the tail, where count < kWidth, the map must leave zeros in the lanes
// from count on.
template <class Map>
static OCELLI_INLINE double sum_of(int64_t n, Map map) {
  double total = 0;
  for (int64_t begin = 0; begin < n; begin += kFoldRun) {
    const int64_t end = begin + kFoldRun < n ? begin + kFoldRun : n;
    Vector s[4] = {};
    int64_t i = begin;
    for (; i + 4 * kWidth <= end; i += 4 * kWidth)
      for (int k = 0; k < 4; k++) s[k] += map(i + k * kWidth, static_cast<int64_t>(kWidth));
    for (; i + kWidth <= end; i += kWidth) s[0] += map(i, static_cast<int64_t>(kWidth));
    if (i < end) s[1] += map(i, end - i);
    total += sum_lanes((s[0] + s[1]) + (s[2] + s[3]));
  }
  return total;
}

// The greatest of x[0, n); -inf for n = 0. Skips NaN.
static OCELLI_INLINE float max_of(const float* x, int64_t n) {
  const float lowest = -__builtin_inff();
  Vector best[4] = {splat(lowest), splat(lowest), splat(lowest), splat(lowest)};
  int64_t i = 0;
  for (; i + 4 * kWidth <= n; i += 4 * kWidth)
    for (int k = 0; k < 4; k++) best[k] = maximum(load(x + i + k * kWidth), best[k]);
  for (; i + kWidth <= n; i += kWidth) best[0] = maximum(load(x + i), best[0]);
  if (i < n) best[1] = maximum(load_tail(x + i, n - i, lowest), best[1]);
  return max_lanes(maximum(maximum(best[0], best[1]), maximum(best[2], best[3])));
}

// How many rows of `width` make a block of work: about 16 k floats, which is what waking a second thread is worth.
constexpr int64_t kBlock = 16384;
static OCELLI_INLINE int64_t rows_per_block(int64_t width) { return width < kBlock ? kBlock / (width < 1 ? 1 : width) : 1; }

}  // namespace ocelli::OCELLI_ISA
