// A linear layer with a frozen weight, packed once: y = activation(x W^T + bias) + residual.
//
// linear_packed  tensors x[rows, inputs], packed and factors (weight_format.h), bias[outputs] or null,
//                residual[rows, outputs] or null, y[rows, outputs], saved (gemm_epilogue.h) or null
//                scalars rows, inputs, outputs, format, activation (simd/activations.h) or -1
#include "gemm_epilogue.h"
#include "gemm_product.h"
#include "kernels.h"
#include "simd/fold.h"
#include "weight_format.h"

namespace ocelli::OCELLI_ISA {

template <class Weights>
struct PackedPanels {
  Weights weights;
  const float* panel(int64_t panel, int64_t k, int64_t run) const {
    return widened(weights, panel, k, run, thread_scratch(Scratch::tile, kDepth * kPanel));
  }
};

// What a thread takes at once of a weight, as long as all threads get some: long against handing it out, and against what
// it takes until its streams flow; short enough to share evenly.
constexpr int64_t kPieceBytes = 262144;
// How far ahead of its arithmetic a stream is fetched. Formats of several numbers a word keep the processor so busy that
// it does not get to the loads that come later by itself; float32 and float16 are no faster for it.
constexpr int64_t kAheadBytes = 512;
constexpr int64_t kLineBytes = 64;

// One or two rows are bound by reading the weights, so these are read as they are, several panels side by side, `apart`
// from one another, to keep enough sums going: each side is a stream through consecutive panels from call to call. The
// sums are those of the micro-kernel.
template <int Rows, int Side, class Weights>
static void few_rows(const float* x, const Weights& weights, int64_t first, int64_t apart, float* y, int64_t columns,
                     const Epilogue& epilogue) {
  const int64_t depth = weights.inputs;
  for (int64_t k = 0; k < depth; k += kDepth) {
    const int64_t end = smaller(depth, k + kDepth);
    Vector sum[Rows][Side][kPanelVectors] = {};
    // The inputs [i, i + count) of one step. A panel's registers take turns: what is read for a sum is spread out and
    // converted while the others add.
    const auto add_step = [&](int64_t i, int count) OCELLI_HOT {
#pragma GCC unroll 4
      for (int side = 0; side < Side; side++) {
        const int64_t panel = first + side * apart;
        decltype(weights.step(panel, i, 0)) steps[kPanelVectors];
#pragma GCC unroll 4
        for (int j = 0; j < kPanelVectors; j++) {
          steps[j] = weights.step(panel, i, j);
          if (Weights::kStep > 1 && j * sizeof(Vector) % kLineBytes == 0)
            __builtin_prefetch(reinterpret_cast<const char*>(weights.at(panel, i) + j * kWidth) + kAheadBytes);
        }
#pragma GCC unroll 8
        for (int s = 0; s < Weights::kStep; s++) {
          if (s >= count) break;
#pragma GCC unroll 4
          for (int j = 0; j < kPanelVectors; j++) {
            const Vector w = weights.row(steps[j], s);
#pragma GCC unroll 2
            for (int row = 0; row < Rows; row++) sum[row][side][j] += x[row * depth + i + s] * w;
          }
        }
      }
    };
    int64_t i = k;
    for (; i + Weights::kStep <= end; i += Weights::kStep) add_step(i, Weights::kStep);
    if (i < end) add_step(i, static_cast<int>(end - i));
#pragma GCC unroll 2
    for (int row = 0; row < Rows; row++)
#pragma GCC unroll 4
      for (int side = 0; side < Side; side++)
#pragma GCC unroll 4
        for (int j = 0; j < kPanelVectors; j++) {
          const int64_t column = (first + side * apart) * kPanel + j * kWidth;
          if (column >= columns) continue;
          const int64_t count = smaller(columns - column, kWidth);
          const int64_t at = row * columns + column;
          Vector v = sum[row][side][j];
          if (k > 0) v += load_part(y + at, count);
          if (k == 0 && !epilogue.waits()) {
            if (epilogue.residual) v += load_part(epilogue.residual + at, count);
            if (epilogue.bias) v += load_part(epilogue.bias + column, count);
          }
          store_part(y + at, v, count);
        }
  }
}

template <int Rows, class Weights>
static void product_of_few_rows(ThreadPool& pool, const float* x, const Weights& weights, int64_t columns, float* y,
                                const Epilogue& epilogue) {
  constexpr int kSide = 4 / Rows;
  const int64_t panels = panels_of(columns);
  const int64_t bytes = (weights.at(1, 0) - weights.at(0, 0)) * static_cast<int64_t>(sizeof *weights.words) * panels;
  const int64_t whole = bytes / kPieceBytes, threads = pool.threads(), groups = panels / kSide;
  const int64_t pieces = whole < threads ? threads : whole;
  parallel_blocks(pool, panels, kSide * (groups < pieces ? 1 : groups / pieces), [&](int64_t begin, int64_t end) {
    const int64_t apart = (end - begin) / kSide;
    for (int64_t i = 0; i < apart; i++) few_rows<Rows, kSide>(x, weights, begin + i, apart, y, columns, epilogue);
    for (int64_t panel = begin + kSide * apart; panel < end; panel++)
      few_rows<Rows, 1>(x, weights, panel, 0, y, columns, epilogue);
    const int64_t column = begin * kPanel;
    if (epilogue.waits()) epilogue.apply(y, columns, 0, Rows, column, smaller(end * kPanel, columns) - column);
  });
}

void linear_packed(const Call& call) {
  const float* x = call.tensor(0);
  float* y = call.tensor(5);
  const int64_t rows = call.size(0), inputs = call.size(1), outputs = call.size(2);
  const float* factors = scales_sums(call.size(3)) ? call.tensor(2) : nullptr;
  const Epilogue epilogue = {factors, call.tensor(3), call.tensor(4), call.tensor<void>(6), call.size(4)};
  with_weights(call.tensor<void>(1), call.tensor(2), inputs, call.size(3), [&](auto weights) {
    if (rows == 1) product_of_few_rows<1>(call.pool, x, weights, outputs, y, epilogue);
    else if (rows == 2) product_of_few_rows<2>(call.pool, x, weights, outputs, y, epilogue);
    else product(call.pool, {x, inputs, 1}, rows, outputs, inputs, y, PackedPanels<decltype(weights)>{weights}, epilogue);
  });
}

}  // namespace ocelli::OCELLI_ISA
