// Softmax over the last axis.
//
// softmax                tensors x[rows, width], y       scalars rows, width; y may be x
// softmax_backward       tensors dy, y, dx               scalars rows, width; dx may be dy
// log_softmax            tensors x, y                    scalars rows, width; y may be x
// log_softmax_backward   tensors dy, y, dx               scalars rows, width; dx may be dy
//   A row that holds NaN or +inf, or only -inf, becomes NaN, as in PyTorch.
#include "kernels.h"
#include "simd/fold.h"
#include "simd/special.h"

namespace ocelli::OCELLI_ISA {
namespace {

template <class Row>
OCELLI_INLINE void for_rows(const Call& call, Row row) {
  const int64_t rows = call.size(0), width = call.size(1);
  parallel_blocks(call.pool, rows, rows_per_block(width), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) row(r * width, width);
  });
}

}  // namespace

void softmax(const Call& call) {
  for_rows(call, [&](int64_t offset, int64_t width) OCELLI_HOT {
    const float* x = call.tensor(0) + offset;
    float* y = call.tensor(1) + offset;
    const float top = max_of(x, width);
    const double total = sum_of(width, [&](int64_t i, int64_t count) OCELLI_HOT {
      const Vector e = exp_or_nan(load_part(x + i, count, -__builtin_inff()) - top);
      store_part(y + i, e, count);
      return e;
    });
    const float scale = static_cast<float>(1 / total);
    for_each_vector(width, [&](int64_t i, int64_t count) OCELLI_HOT {
      store_part(y + i, load_part(y + i, count) * scale, count);
    });
  });
}

void softmax_backward(const Call& call) {
  for_rows(call, [&](int64_t offset, int64_t width) OCELLI_HOT {
    const float* dy = call.tensor(0) + offset;
    const float* y = call.tensor(1) + offset;
    float* dx = call.tensor(2) + offset;
    const float dot = static_cast<float>(sum_of(
        width, [&](int64_t i, int64_t count) OCELLI_HOT { return load_part(dy + i, count) * load_part(y + i, count); }));
    for_each_vector(width, [&](int64_t i, int64_t count) OCELLI_HOT {
      store_part(dx + i, load_part(y + i, count) * (load_part(dy + i, count) - dot), count);
    });
  });
}

void log_softmax(const Call& call) {
  for_rows(call, [&](int64_t offset, int64_t width) OCELLI_HOT {
    const float* x = call.tensor(0) + offset;
    float* y = call.tensor(1) + offset;
    const float top = max_of(x, width);
    const double total = sum_of(width, [&](int64_t i, int64_t count) OCELLI_HOT {
      return exp_or_nan(load_part(x + i, count, -__builtin_inff()) - top);
    });
    const float logarithm = static_cast<float>(__builtin_log(total));
    for_each_vector(width, [&](int64_t i, int64_t count) OCELLI_HOT {
      store_part(y + i, (load_part(x + i, count) - top) - logarithm, count);
    });
  });
}

void log_softmax_backward(const Call& call) {
  for_rows(call, [&](int64_t offset, int64_t width) OCELLI_HOT {
    const float* dy = call.tensor(0) + offset;
    const float* y = call.tensor(1) + offset;
    float* dx = call.tensor(2) + offset;
    const float total = static_cast<float>(
        sum_of(width, [&](int64_t i, int64_t count) OCELLI_HOT { return load_part(dy + i, count); }));
    for_each_vector(width, [&](int64_t i, int64_t count) OCELLI_HOT {
      store_part(dx + i, load_part(dy + i, count) - exp_or_nan(load_part(y + i, count)) * total, count);
    });
  });
}

}  // namespace ocelli::OCELLI_ISA
