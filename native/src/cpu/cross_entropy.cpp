// Cross-entropy of rows of logits against class ids, with PyTorch's label smoothing s: the target distribution is
// (1 - s) one-hot + s / vocabulary.
//
// cross_entropy            tensors logits[rows, vocabulary], targets int32[rows], loss[rows], log_sum_exp[rows]
//                          scalars rows, vocabulary, ignore_index, label_smoothing
// cross_entropy_backward   tensors dloss[rows], logits, log_sum_exp, targets, dlogits
//                          scalars rows, vocabulary, ignore_index, label_smoothing
// count_targets            tensors targets int32[rows], count[1]: how many are not ignore_index, as a float
//                          scalars rows, ignore_index
//   Rows whose target is ignore_index have loss 0, log_sum_exp 0 and no gradient, and are not read. dlogits may be logits.
//   Raises KernelError for a target outside of [0, vocabulary) that is not ignore_index.
#include "kernels.h"
#include "ocelli/kernel_error.h"
#include "simd/fold.h"
#include "simd/special.h"

namespace ocelli::OCELLI_ISA {
namespace {

// log(sum(exp(x))) in one pass over memory: each run is read twice while it is in L1, and the sum so far is rescaled when
// a run raises the maximum.
OCELLI_INLINE double log_sum_exp_of(const float* x, int64_t n) {
  float top = -__builtin_inff();
  double total = 0;
  for (int64_t begin = 0; begin < n; begin += kFoldRun) {
    const float* run = x + begin;
    const int64_t length = begin + kFoldRun < n ? kFoldRun : n - begin;
    const float best = max_of(run, length);
    if (best > top) {
      total *= __builtin_exp(static_cast<double>(top) - best);
      top = best;
    }
    // A run of nothing but -inf before any number would give -inf - -inf; it adds nothing.
    const float shift = top == -__builtin_inff() ? 0 : top;
    total += sum_of(length, [&](int64_t i, int64_t count) OCELLI_HOT {
      return exp_or_nan(load_part(run + i, count, -__builtin_inff()) - shift);
    });
  }
  return __builtin_log(total) + (top == -__builtin_inff() ? 0 : top);
}

}  // namespace

void cross_entropy(const Call& call) {
  const float* logits = call.tensor(0);
  const int32_t* targets = call.tensor<int32_t>(1);
  float* loss = call.tensor(2);
  float* log_sum_exp = call.tensor(3);
  const int64_t rows = call.size(0), vocabulary = call.size(1), ignore = call.size(2);
  const double smoothing = call.scalars[3];

  for (int64_t row = 0; row < rows; row++)
    if (targets[row] != ignore && (targets[row] < 0 || targets[row] >= vocabulary))
      KernelError::raise("target %d at position %lld is outside of the %lld classes and is not the ignored index %lld",
                         targets[row], static_cast<long long>(row), static_cast<long long>(vocabulary),
                         static_cast<long long>(ignore));

  parallel_blocks(call.pool, rows, rows_per_block(vocabulary), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      loss[row] = 0;
      log_sum_exp[row] = 0;
      if (targets[row] == ignore) continue;
      const float* x = logits + row * vocabulary;
      const double total = log_sum_exp_of(x, vocabulary);
      double expected = x[targets[row]];
      if (smoothing != 0) {
        const double sum = sum_of(vocabulary, [&](int64_t i, int64_t count) OCELLI_HOT { return load_part(x + i, count); });
        expected = (1 - smoothing) * expected + smoothing * sum / vocabulary;
      }
      log_sum_exp[row] = static_cast<float>(total);
      loss[row] = static_cast<float>(total - expected);
    }
  });
}

void cross_entropy_backward(const Call& call) {
  const float* dloss = call.tensor(0);
  const float* logits = call.tensor(1);
  const float* log_sum_exp = call.tensor(2);
  const int32_t* targets = call.tensor<int32_t>(3);
  float* dlogits = call.tensor(4);
  const int64_t rows = call.size(0), vocabulary = call.size(1), ignore = call.size(2);
  const double smoothing = call.scalars[3];
  const float floor = static_cast<float>(smoothing / vocabulary);

  parallel_blocks(call.pool, rows, rows_per_block(vocabulary), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const float* x = logits + row * vocabulary;
      float* dx = dlogits + row * vocabulary;
      if (targets[row] == ignore) {
        memset(dx, 0, vocabulary * sizeof(float));
        continue;
      }
      const float shift = log_sum_exp[row], scale = dloss[row];
      for_each_vector(vocabulary, [&](int64_t i, int64_t count) OCELLI_HOT {
        store_part(dx + i, (exp_or_nan(load_part(x + i, count) - shift) - floor) * scale, count);
      });
      dx[targets[row]] -= static_cast<float>(1 - smoothing) * scale;
    }
  });
}

void count_targets(const Call& call) {
  const int32_t* targets = call.tensor<int32_t>(0);
  const int64_t rows = call.size(0), ignore = call.size(1);
  int64_t count = 0;
  for (int64_t row = 0; row < rows; row++) count += targets[row] != ignore;
  *call.tensor(1) = static_cast<float>(count);
}

}  // namespace ocelli::OCELLI_ISA
