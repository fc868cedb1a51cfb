// Sums along an axis.
//
// reduce_sum   tensors x[outer, middle, inner], factor? (of x's shape), y[outer, inner]
//              scalars outer, middle, inner, scale
//   y = scale * sum over middle of x * factor. The gradient of a repeated operand (`binary`) in one pass. All of a tensor:
//   (1, n, 1); the last axis: (rows, width, 1); the first: (1, rows, width).
//   Sums of long runs are kept in double between blocks of a fixed size, so neither the error nor the result depends on
//   the number of threads.
#include "kernels.h"
#include "simd/fold.h"

namespace ocelli::OCELLI_ISA {
namespace {

OCELLI_INLINE double dot(const float* x, const float* factor, int64_t n) {
  if (!factor) return sum_of(n, [&](int64_t i, int64_t count) OCELLI_HOT { return load_part(x + i, count); });
  return sum_of(n, [&](int64_t i, int64_t count) OCELLI_HOT { return load_part(x + i, count) * load_part(factor + i, count); });
}

// inner = 1: each output is the sum of a contiguous run.
void sum_runs(const Call& call, const float* x, const float* factor, float* y) {
  const int64_t runs = call.size(0), length = call.size(1);
  const double scale = call.scalars[3];
  if (length <= 2 * kBlock) {
    parallel_blocks(call.pool, runs, rows_per_block(length), [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; r++)
        y[r] = static_cast<float>(scale * dot(x + r * length, factor ? factor + r * length : nullptr, length));
    });
    return;
  }
  const int64_t pieces = (length + kBlock - 1) / kBlock;
  double* partials = reinterpret_cast<double*>(thread_scratch(Scratch::row, runs * pieces * 2));
  parallel_for(call.pool, runs * pieces, [&](int64_t item) {
    const int64_t start = item % pieces * kBlock, begin = item / pieces * length + start;
    const int64_t count = length - start < kBlock ? length - start : kBlock;
    partials[item] = dot(x + begin, factor ? factor + begin : nullptr, count);
  });
  for (int64_t r = 0; r < runs; r++) {
    double total = 0;
    for (int64_t p = 0; p < pieces; p++) total += partials[r * pieces + p];
    y[r] = static_cast<float>(scale * total);
  }
}

// inner > 1: adds rows of `inner` floats. Each piece of up to kRows rows goes to a partial row, in float; the partial rows
// are added in double.
constexpr int64_t kRows = 64;
constexpr int64_t kColumns = 1024;

// to[i] = sum over rows of x * factor, for columns [0, columns).
OCELLI_INLINE void sum_piece(const float* x, const float* factor, int64_t rows, int64_t stride, int64_t columns, float* to) {
  if (columns < kWidth) {
    float total[kWidth] = {};
    for (int64_t row = 0; row < rows; row++)
      for (int64_t i = 0; i < columns; i++) total[i] += x[row * stride + i] * (factor ? factor[row * stride + i] : 1);
    memcpy(to, total, columns * sizeof(float));
    return;
  }
  memset(to, 0, columns * sizeof(float));
  auto add = [&](auto at) OCELLI_HOT {
    int64_t row = 0;
    for (; row + 4 <= rows; row += 4)
      for_each_vector(columns, [&](int64_t i, int64_t count) OCELLI_HOT {
        const Vector four = (at(row, i, count) + at(row + 1, i, count)) + (at(row + 2, i, count) + at(row + 3, i, count));
        store_part(to + i, load_part(to + i, count) + four, count);
      });
    for (; row < rows; row++)
      for_each_vector(columns, [&](int64_t i, int64_t count) OCELLI_HOT {
        store_part(to + i, load_part(to + i, count) + at(row, i, count), count);
      });
  };
  auto value = [&](int64_t row, int64_t i, int64_t count) OCELLI_HOT { return load_part(x + row * stride + i, count); };
  auto product = [&](int64_t row, int64_t i, int64_t count) OCELLI_HOT {
    return load_part(x + row * stride + i, count) * load_part(factor + row * stride + i, count);
  };
  if (factor) add(product);
  else add(value);
}

void sum_rows(const Call& call, const float* x, const float* factor, float* y) {
  const int64_t outer = call.size(0), middle = call.size(1), inner = call.size(2);
  const int64_t pieces = (middle + kRows - 1) / kRows;
  float* partials = thread_scratch(Scratch::row, outer * pieces * inner + 1);
  const int64_t cuts = (inner + kColumns - 1) / kColumns;
  const int64_t size = (middle < kRows ? middle : kRows) * (inner < kColumns ? inner : kColumns);
  parallel_blocks(call.pool, outer * pieces * cuts, rows_per_block(size), [&](int64_t begin, int64_t end) {
    for (int64_t item = begin; item < end; item++) {
      const int64_t column = item % cuts * kColumns, piece = item / cuts;
      const int64_t first = piece % pieces * kRows;
      const int64_t offset = (piece / pieces * middle + first) * inner + column;
      sum_piece(x + offset, factor ? factor + offset : nullptr, middle - first < kRows ? middle - first : kRows, inner,
                inner - column < kColumns ? inner - column : kColumns, partials + piece * inner + column);
    }
  });
  parallel_blocks(call.pool, outer * inner, rows_per_block(pieces), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const float* from = partials + i / inner * pieces * inner + i % inner;
      double total = 0;
      for (int64_t p = 0; p < pieces; p++) total += from[p * inner];
      y[i] = static_cast<float>(total * call.scalars[3]);
    }
  });
}

}  // namespace

void reduce_sum(const Call& call) {
  const float* x = call.tensor(0);
  const float* factor = call.tensor(1);
  float* y = call.tensor(2);
  if (call.size(2) == 1) sum_runs(call, x, factor, y);
  else sum_rows(call, x, factor, y);
}

}  // namespace ocelli::OCELLI_ISA
