// cross_entropy, cross_entropy_backward, count_targets: the twins of src/cpu/cross_entropy.cpp's. cross_entropy.cuh says how.
// The gradient is elementwise once log_sum_exp is known: bound by reading the logits and writing their gradient.
#include "cross_entropy.cuh"

#include "kernels.h"

namespace ocelli::cuda {
namespace {

constexpr int kGradientThreads = 256, kChunksOfThread = 4;

// A block takes kGradientThreads * kChunksOfThread chunks of a row.
template <int kVector>
__global__ void __launch_bounds__(kGradientThreads)
    gradient_of_rows(int64_t items, int64_t cuts, int64_t first, int64_t columns, Targets targets, const float* dloss,
                     const float* log_sum_exp, const float* logits, float* dlogits) {
  const float spread = static_cast<float>(targets.smoothing / static_cast<double>(targets.classes));
  const float kept = static_cast<float>(1 - targets.smoothing);
  for (int64_t item = blockIdx.x; item < items; item += gridDim.x) {
    const int64_t row = item / cuts, offset = row * columns;
    // What is reported by the loss has no gradient either.
    const bool counts = !targets.ignores(row) && !targets.outside(row);
    const float shift = counts ? log_sum_exp[row] : 0, scale = counts ? dloss[row] : 0;
    const int64_t target = targets.of_row[row] - first;
    const int64_t begin = item % cuts * kChunksOfThread * kGradientThreads + threadIdx.x;
#pragma unroll
    for (int j = 0; j < kChunksOfThread; j++) {
      const int64_t column = (begin + j * kGradientThreads) * kVector;
      if (column >= columns) continue;
      Chunk<kVector> values = {};
      if (counts) {
        values = load_chunk<kVector>(logits + offset + column);
        for (int i = 0; i < kVector; i++) {
          values.at[i] = (expf(values.at[i] - shift) - spread) * scale;
          if (column + i == target) values.at[i] -= kept * scale;
        }
      }
      store_chunk<kVector>(dlogits + offset + column, values);
    }
  }
}

__global__ void __launch_bounds__(512) count_rows(int64_t rows, const int32_t* targets, int64_t ignore, float* count) {
  Team<512> team;
  int mine = 0;
  for (int64_t row = team.thread; row < rows; row += 512) mine += targets[row] != ignore;
  mine = team.sum(mine);
  if (team.thread == 0) *count = static_cast<float>(mine);
}

}  // namespace

void gradient_of_logits(Stream& stream, int64_t rows, int64_t first, int64_t columns, const Targets& targets,
                        const float* dloss, const float* log_sum_exp, const float* logits, float* dlogits) {
  if (rows == 0 || columns == 0) return;
  const bool vectors = can_read_vectors(columns, logits, dlogits);
  constexpr int64_t kChunks = kGradientThreads * kChunksOfThread;
  const int64_t chunks = vectors ? columns / 4 : columns, cuts = (chunks + kChunks - 1) / kChunks, items = rows * cuts;
  const unsigned blocks = blocks_for(items, 1, kMostBlocks);
  if (vectors)
    OCELLI_LAUNCH(gradient_of_rows<4>, blocks, kGradientThreads, 0, stream.handle(), items, cuts, first, columns, targets,
                  dloss, log_sum_exp, logits, dlogits);
  else
    OCELLI_LAUNCH(gradient_of_rows<1>, blocks, kGradientThreads, 0, stream.handle(), items, cuts, first, columns, targets,
                  dloss, log_sum_exp, logits, dlogits);
}

void cross_entropy(const Call& call) {
  const Targets targets = {call.tensor<int32_t>(1), call.size(1), call.size(2), call.scalars[3]};
  losses_of<false>(*call.stream, call.size(0), 0, targets, call.tensor(0), call.tensor(2), call.tensor(3));
}

void cross_entropy_backward(const Call& call) {
  const Targets targets = {call.tensor<int32_t>(3), call.size(1), call.size(2), call.scalars[3]};
  gradient_of_logits(*call.stream, call.size(0), 0, call.size(1), targets, call.tensor(0), call.tensor(2), call.tensor(1),
                     call.tensor(4));
}

void count_targets(const Call& call) {
  OCELLI_LAUNCH(count_rows, 1, 512, 0, call.stream->handle(), call.size(0), call.tensor<int32_t>(0), call.size(1),
                call.tensor(1));
}

}  // namespace ocelli::cuda
