// activation_gradient   tensors dy[rows, columns], saved, dz[rows, columns]; dz may be dy
//                       scalars rows, columns, activation
//   dy times the derivative of a linear layer's activation; `saved` is what its epilogue saved, or the mask of relu as one
//   row.
#include "gemm_epilogue.h"

#include "kernels.h"
#include "simd/activations.h"
#include "simd/bits.h"
#include "simd/fold.h"

namespace ocelli::OCELLI_ISA {
namespace {

constexpr int64_t kRelu = 0;

struct None {
  static OCELLI_INLINE Vector forward(Vector x) { return x; }
};

// The activations that linear layers have.
template <class Run>
OCELLI_INLINE void with_linear_activation(int64_t kind, Run run) {
  switch (kind) {
    case kNoActivation: return run(None{});
    case kRelu: return run(Relu{});
    case 1: return run(Gelu{});
    case 2: return run(GeluTanh{});
    case 5: return run(Silu{});
    case 6: return run(QuickGelu{});
  }
}

OCELLI_INLINE void save(const Epilogue& epilogue, Vector y, int64_t row, int64_t column, int64_t columns, int64_t count) {
  if (epilogue.activation != kRelu)
    return store_part(static_cast<float*>(epilogue.saved) + row * columns + column, y, count);
  uint8_t* bits = static_cast<uint8_t*>(epilogue.saved) + row * ((columns + 7) / 8);
  store_bits(bits, column, positive_lanes(y), count);
}

}  // namespace

void Epilogue::apply(float* c, int64_t columns, int64_t row, int64_t height, int64_t column, int64_t width) const {
  with_linear_activation(activation, [&](auto function) {
    for (int64_t j = column; j < column + width; j += kWidth) {
      const int64_t left = column + width - j, count = left < kWidth ? left : kWidth;
      const Vector scale = factor ? load_part(factor + j, count) : splat(1);
      const Vector shift = bias ? load_part(bias + j, count) : Vector{};
      for (int64_t i = row; i < row + height; i++) {
        const int64_t at = i * columns + j;
        Vector y = load_part(c + at, count) * scale + shift;
        if (saved) save(*this, y, i, j, columns, count);
        y = decltype(function)::forward(y);
        if (residual) y += load_part(residual + at, count);
        store_part(c + at, y, count);
      }
    }
  });
}

void gradient_of_row(const float* dy, const void* saved, int64_t activation, int64_t row, int64_t column, int64_t count,
                     int64_t columns, float* to) {
  const float* from = dy + row * columns + column;
  if (activation == kRelu) {
    const uint8_t* bits = static_cast<const uint8_t*>(saved) + row * ((columns + 7) / 8);
    for_each_vector(count, [&](int64_t i, int64_t part) OCELLI_HOT {
      store_part(to + i, where_bits(bits, column + i, part, load_part(from + i, part)), part);
    });
    return;
  }
  const float* x = static_cast<const float*>(saved) + row * columns + column;
  with_linear_activation(activation, [&](auto function) {
    if constexpr (!__is_same(decltype(function), None))
      for_each_vector(count, [&](int64_t i, int64_t part) OCELLI_HOT {
        store_part(to + i, decltype(function)::backward(load_part(from + i, part), load_part(x + i, part)), part);
      });
  });
}

void activation_gradient(const Call& call) {
  const float* dy = call.tensor(0);
  const int64_t rows = call.size(0), columns = call.size(1);
  // One long row, as that of a mask without rows, is cut too; blocks of kBlock begin at whole bytes of a mask.
  const int64_t pieces = rows == 1 ? (columns + kBlock - 1) / kBlock : 1;
  parallel_blocks(call.pool, rows * pieces, rows == 1 ? 1 : rows_per_block(columns), [&](int64_t begin, int64_t end) {
    for (int64_t item = begin; item < end; item++) {
      const int64_t row = item / pieces, first = item % pieces * kBlock, left = columns - first;
      const int64_t count = pieces > 1 && left > kBlock ? kBlock : left;
      gradient_of_row(dy, call.tensor<void>(1), call.size(2), row, first, count, columns,
                      call.tensor(2) + row * columns + first);
    }
  });
}

}  // namespace ocelli::OCELLI_ISA
