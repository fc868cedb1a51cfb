#pragma once
// What the two kernels of a fused head share: how much of the logits is in memory at a time, and products in rounds.
#include <algorithm>

#include "cross_entropy.cuh"
#include "kernels.h"

namespace ocelli::cuda {

// Logits in memory at a time: 64 MiB, of which the larger caches of today's devices hold most between the product that makes
// them and the kernels that read them. The executor's tests are small and shall see several rounds.
inline int64_t logits_at_once() {
#ifdef OCELLI_SIMT
  if (!::simt::is_dry()) return 1 << 15;
#endif
  return 1 << 24;
}

constexpr int64_t kNoActivationOfHead = -1;

// How many rows of `width` logits, or columns of as many rows, are made at a time: whole tiles of the product if it can be,
// or whole vectors.
inline int64_t at_once(int64_t width, int64_t count) {
  const int64_t fits = logits_at_once() / std::max<int64_t>(1, width);
  const int64_t whole = fits >= 128 ? fits / 128 * 128 : fits >= 4 ? fits / 4 * 4 : 1;
  return std::min(whole, count);
}

// A kernel of the table on the stream of a call that works in rounds; its workspace is taken back.
template <size_t kTensors, size_t kScalars>
void run_inside(const Call& call, Kernel kernel, void* const (&tensors)[kTensors], const double (&scalars)[kScalars]) {
  const Workspace::Mark mark = call.stream->mark();
  kernel(Call{tensors, scalars, call.pool, call.stream});
  call.stream->rewind(mark);
}

}  // namespace ocelli::cuda
