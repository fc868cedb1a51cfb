// The gradient of a linear layer's input, through a weight packed for the forward pass: dx = dz W, where dz is dy times the
// derivative of the activation.
//
// linear_packed_backward   tensors dy[rows, outputs], packed and factors (weight_format.h), saved (gemm_epilogue.h)
//                          or null, dx[rows, inputs]
//                          scalars rows, inputs, outputs, format, activation or -1
//
// Panels hold W in rows of its inputs, which is A of the transposed product dx^T = W^T dz^T: they are read in place as rows,
// dz is packed once, and the results are turned in L1 on the way out. Tried before: turning the panels into B, which costs
// 64 rows half as much as the product itself (38 to 45 % of the AVX2 peak on one thread of Zen 3, now 78 to 84 %).
#include "gemm_epilogue.h"
#include "gemm_product.h"
#include "kernels.h"
#include "weight_format.h"

namespace ocelli::OCELLI_ISA {

constexpr int64_t kChunk = 48;  // inputs in an item: eight tiles
static_assert(kChunk % kLongestStep == 0, "items begin where steps do");

struct BackwardProduct {
  const float* dy;
  const float* factors;
  const void* saved;
  int64_t activation, inputs, outputs;

  // dz of the rows [row, row + count) as a panel [outputs][kPanel].
  void pack(int64_t row, int64_t count, float* to) const {
    float* rows = thread_scratch(Scratch::row, kPanel * kDepth);
    for (int64_t n = 0; n < outputs; n += kDepth) {
      const int64_t run = smaller(outputs - n, kDepth);
      Matrix columns = {dy + row * outputs + n, 1, outputs};
      if (activation != kNoActivation || factors) {
        for (int64_t i = 0; i < count; i++) {
          float* dz = rows + i * kDepth;
          if (activation == kNoActivation) memcpy(dz, dy + (row + i) * outputs + n, run * sizeof(float));
          else gradient_of_row(dy, saved, activation, row + i, n, run, outputs, dz);
          for (int64_t j = 0; factors && j < run; j++) dz[j] *= factors[n + j];
        }
        columns = {rows, 1, kDepth};
      }
      pack_panel(columns, 0, run, 0, count, to + n * kPanel);
    }
  }

  // dx of the inputs [begin, end) for all rows of a block, whose dz is `packed`.
  template <class Weights>
  void multiply(const Weights& weights, const float* packed, int64_t begin, int64_t end, int64_t rows, float* dx) const {
    const int64_t panels = panels_of(rows), height = end - begin;
    float* sums = thread_scratch(Scratch::tile, (panels + kDepth / kPanel) * kChunk * kPanel);  // [panel][input][kPanel]
    float* wide = sums + panels * kChunk * kPanel;
    for (int64_t n = 0; n < outputs; n += kDepth) {
      const int64_t run = smaller(outputs - n, kDepth);
      PanelRows a = {widened(weights, n / kPanel, begin, height, wide), inputs * kPanel};
      if (a.a == wide) {
        a.stride = kChunk * kPanel;
        for (int64_t panel = 1; panel < panels_of(run); panel++)
          widened(weights, n / kPanel + panel, begin, height, wide + panel * kChunk * kPanel);
      }
      for (int64_t panel = 0; panel < panels; panel++) {
        const float* b = packed + (panel * outputs + n) * kPanel;
        float* c = sums + panel * kChunk * kPanel;
        const Tile<PanelRows> tile = {a, b, c, kPanel, run, kPanel, n == 0 ? nullptr : c, nullptr};
        multiply_rows(tile, height, [](int64_t, int64_t) {});
      }
    }
    for (int64_t panel = 0; panel < panels; panel++)
      transpose(sums + panel * kChunk * kPanel, kPanel, height, smaller(rows - panel * kPanel, kPanel),
                dx + panel * kPanel * inputs + begin, inputs);
  }
};

void linear_packed_backward(const Call& call) {
  float* dx = call.tensor(4);
  const int64_t rows = call.size(0), inputs = call.size(1), outputs = call.size(2);
  const float* factors = scales_sums(call.size(3)) ? call.tensor(2) : nullptr;
  const BackwardProduct product = {call.tensor(0), factors, call.tensor<void>(3), call.size(4), inputs, outputs};
  for (int64_t first = 0; first < rows; first += kBlockRows) {
    const int64_t block = smaller(rows - first, kBlockRows), panels = panels_of(block);
    float* packed = thread_scratch(Scratch::pack, panels * outputs * kPanel);
    parallel_for(call.pool, panels, [&](int64_t panel) {
      const int64_t row = panel * kPanel;
      product.pack(first + row, smaller(block - row, kPanel), packed + row * outputs);
    });
    with_weights(call.tensor<void>(1), call.tensor(2), inputs, call.size(3), [&](auto weights) {
      parallel_blocks(call.pool, inputs, kChunk, [&](int64_t begin, int64_t end) {
        product.multiply(weights, packed, begin, end, block, dx + first * inputs);
      });
    });
  }
}

}  // namespace ocelli::OCELLI_ISA
