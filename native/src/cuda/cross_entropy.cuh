#pragma once
// Rows of logits to losses and gradients, for cross_entropy.cu and the fused heads. A team of threads takes a row and reads it
// once for the loss, and once more, from L2 for the most part, for the gradient. Bound by memory.
#include "row_maximum.cuh"

namespace ocelli::cuda {

// Which class a row is to be, as the CPU's kernels have it.
struct Targets {
  const int32_t* of_row;
  int64_t classes, ignore;
  double smoothing;

  __device__ bool ignores(int64_t row) const { return of_row[row] == ignore; }
  __device__ bool outside(int64_t row) const { return of_row[row] < 0 || of_row[row] >= classes; }
};

// loss[rows] and log_sum_exp[rows]; with kGradient the logits become the gradient of their row's loss. A row that is ignored
// gets zeros and is not read, so does one whose target is reported. `first_row` is the report's number of row 0.
template <class Shape, bool kGradient>
__global__ void __launch_bounds__(Shape::TeamOf::kBlock, Shape::kResident)
    losses_of_rows(int64_t rows, int64_t first_row, Targets targets, float* logits, float* loss, float* log_sum_exp,
                   Reporter reporter) {
  typename Shape::TeamOf team;
  constexpr int kVector = Shape::kVector;
  const int64_t classes = targets.classes;
  const float spread = static_cast<float>(targets.smoothing / static_cast<double>(classes));
  const float kept = static_cast<float>(1 - targets.smoothing);
  for (int64_t row = team.first(); row < rows; row += team.step()) {
    float* x = logits + row * classes;
    const bool ignored = targets.ignores(row);
    if (ignored || targets.outside(row)) {
      if (team.thread == 0) {
        loss[row] = 0;
        log_sum_exp[row] = 0;
        if (!ignored)
          reporter.raise(Fault::target_outside, targets.of_row[row], first_row + row, classes, targets.ignore);
      }
      if constexpr (kGradient)
        Shape::for_chunks(team.thread, classes, [&](int, int64_t column) { store_chunk<kVector>(x + column, Chunk<kVector>{}); });
      continue;
    }
    const int64_t target = targets.of_row[row];
    float expected = x[target];
    const RowMaximum all = maximum_of_row<Shape>(team, x, classes);
    if (targets.smoothing != 0) {
      double sum = 0;
      Shape::for_chunks(team.thread, classes, [&](int, int64_t column) {
        const auto values = load_chunk<kVector>(x + column);
        if constexpr (kVector == 4) sum += (values.at[0] + values.at[1]) + (values.at[2] + values.at[3]);
        else sum += values.at[0];
      });
      expected = kept * expected + spread * static_cast<float>(team.sum(sum));
    }
    const float shift = all.top == -INFINITY ? 0 : all.top, logarithm = logf(all.total);
    if (team.thread == 0) {
      log_sum_exp[row] = logarithm + shift;
      loss[row] = logarithm + (shift - expected);
    }
    if constexpr (kGradient) {
      team.barrier();  // everyone has read the target's logit
      const float scale = 1 / all.total;
      Shape::for_chunks(team.thread, classes, [&](int, int64_t column) {
        auto values = load_chunk<kVector>(x + column);
        for (int i = 0; i < kVector; i++) {
          values.at[i] = expf(values.at[i] - all.top) * scale - spread;
          if (column + i == target) values.at[i] -= kept;
        }
        store_chunk<kVector>(x + column, values);
      });
    }
  }
}

// Chooses the team by the number of classes.
template <bool kGradient>
void losses_of(Stream& stream, int64_t rows, int64_t first_row, const Targets& targets, float* logits, float* loss,
               float* log_sum_exp) {
  if (rows == 0) return;
  const auto launch = [&](auto shape) {
    using Shape = decltype(shape);
    OCELLI_LAUNCH((losses_of_rows<Shape, kGradient>), blocks_for(rows, Shape::TeamOf::kTeams, kMostBlocks),
                  Shape::TeamOf::kBlock, 0, stream.handle(), rows, first_row, targets, logits, loss, log_sum_exp,
                  stream.reporter());
  };
  const bool vectors = can_read_vectors(targets.classes, logits);
  if (targets.classes <= 1024 && vectors) return launch(RowShape<32, 0, 4>());
  if (targets.classes <= 1024) return launch(RowShape<32, 0, 1>());
  if (vectors) return launch(RowShape<512, 0, 4>());
  return launch(RowShape<512, 0, 1>());
}

// dlogits[rows, columns] = dloss * (exp(logits - log_sum_exp) - target distribution) for the classes [first, first + columns)
// of all; zeros for rows that are ignored, which are not read. dlogits may be logits.
void gradient_of_logits(Stream& stream, int64_t rows, int64_t first, int64_t columns, const Targets& targets,
                        const float* dloss, const float* log_sum_exp, const float* logits, float* dlogits);

}  // namespace ocelli::cuda
