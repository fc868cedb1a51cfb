// A linear layer with a frozen weight, packed once: y = activation(x W^T + bias) + residual.
//
// linear_pack    tensors weight[outputs, inputs], packed[panels][inputs][kPanel], factors[outputs] (int8) or null
//                scalars outputs, inputs, format (WeightFormat)
//   int8 keeps round(weight / factor) with factor = max |weight| of an output / 127.
// linear_packed  tensors x[rows, inputs], packed, factors or null, bias[outputs] or null, residual[rows, outputs] or null,
//                y[rows, outputs], saved (gemm_epilogue.h) or null
//                scalars rows, inputs, outputs, format, activation (simd/activations.h) or -1
#include "gemm_epilogue.h"
#include "gemm_product.h"
#include "kernels.h"
#include "weight_format.h"

namespace ocelli::OCELLI_ISA {

template <class Weights>
struct PackedPanels {
  Weights weights;
  int64_t depth;
  int64_t begin(int64_t panel, int64_t k) const { return (panel * depth + k) * kPanel; }
  const float* panel(int64_t panel, int64_t k, int64_t run) const {
    float* wide = Weights::kIsWide ? nullptr : thread_scratch(Scratch::tile, kDepth * kPanel);
    return weights.widened(begin(panel, k), run * kPanel, wide);
  }
};

// One or two rows are bound by reading the weights, so these are read as they are, several panels side by side to keep
// enough sums going. The sums are those of the micro-kernel.
template <int Rows, int Side, class Weights>
static void few_rows(const float* x, const PackedPanels<Weights>& packed, int64_t panel, float* y, int64_t columns,
                     const Epilogue& epilogue) {
  for (int64_t k = 0; k < packed.depth; k += kDepth) {
    const int64_t run = smaller(packed.depth - k, kDepth);
    Vector sum[Rows][Side][kPanelVectors] = {};
    const int64_t at = packed.begin(panel, k), stride = packed.depth * kPanel;
    for (int64_t i = 0; i < run; i++) {
#pragma GCC unroll 4
      for (int side = 0; side < Side; side++) {
#pragma GCC unroll 4
        for (int j = 0; j < kPanelVectors; j++) {
          const Vector w = packed.weights.at(at + side * stride + i * kPanel + j * kWidth);
#pragma GCC unroll 2
          for (int row = 0; row < Rows; row++) sum[row][side][j] += x[row * packed.depth + k + i] * w;
        }
      }
    }
#pragma GCC unroll 2
    for (int row = 0; row < Rows; row++)
#pragma GCC unroll 4
      for (int side = 0; side < Side; side++)
#pragma GCC unroll 4
        for (int j = 0; j < kPanelVectors; j++) {
          const int64_t column = (panel + side) * kPanel + j * kWidth;
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
static void product_of_few_rows(ThreadPool& pool, const float* x, const PackedPanels<Weights>& packed, int64_t columns,
                                float* y, const Epilogue& epilogue) {
  constexpr int kSide = 4 / Rows;
  const int64_t panels = panels_of(columns), group = kSide * (panels / (32 * kSide) < 1 ? 1 : panels / (32 * kSide));
  parallel_blocks(pool, panels, group, [&](int64_t begin, int64_t end) {
    int64_t panel = begin;
    for (; panel + kSide <= end; panel += kSide) few_rows<Rows, kSide>(x, packed, panel, y, columns, epilogue);
    for (; panel < end; panel++) few_rows<Rows, 1>(x, packed, panel, y, columns, epilogue);
    const int64_t column = begin * kPanel;
    if (epilogue.waits()) epilogue.apply(y, columns, 0, Rows, column, smaller(end * kPanel, columns) - column);
  });
}

void linear_packed(const Call& call) {
  const float* x = call.tensor(0);
  float* y = call.tensor(5);
  const int64_t rows = call.size(0), inputs = call.size(1), outputs = call.size(2);
  const Epilogue epilogue = {call.tensor(2), call.tensor(3), call.tensor(4), call.tensor<void>(6), call.size(4)};
  with_weights(call.tensor<void>(1), static_cast<WeightFormat>(call.size(3)), [&](auto weights) {
    const PackedPanels<decltype(weights)> packed = {weights, inputs};
    if (rows == 1) product_of_few_rows<1>(call.pool, x, packed, outputs, y, epilogue);
    else if (rows == 2) product_of_few_rows<2>(call.pool, x, packed, outputs, y, epilogue);
    else product(call.pool, {x, inputs, 1}, rows, outputs, inputs, y, packed, epilogue);
  });
}

// The panel's floats in the order of the micro-kernel, narrowed if asked.
void linear_pack(const Call& call) {
  const float* weight = call.tensor(0);
  float* factors = call.tensor(2);
  const int64_t outputs = call.size(0), inputs = call.size(1);
  const WeightFormat format = static_cast<WeightFormat>(call.size(2));
  const Matrix columns = {weight, 1, inputs};
  parallel_for(call.pool, panels_of(outputs), [&](int64_t panel) {
    const int64_t column = panel * kPanel, width = smaller(outputs - column, kPanel), begin = column * inputs;
    if (format == WeightFormat::float32) return pack_panel(columns, 0, inputs, column, outputs, call.tensor(1) + begin);
    if (format == WeightFormat::int8) {
      for (int64_t j = column; j < column + width; j++) {
        float most = 0;
        for (int64_t k = 0; k < inputs; k++) {
          const float size = __builtin_fabsf(weight[j * inputs + k]);
          most = size <= most || most != most ? most : size;  // NaN stays
        }
        factors[j] = most / 127;
      }
    }
    float* wide = thread_scratch(Scratch::tile, kDepth * kPanel);
    for (int64_t k = 0; k < inputs; k += kDepth) {
      const int64_t run = smaller(inputs - k, kDepth);
      pack_panel(columns, k, run, column, outputs, wide);
      for (int64_t i = 0; i < run * kPanel; i++) {
        const int64_t at = begin + k * kPanel + i;
        if (format == WeightFormat::bfloat16) call.tensor<uint16_t>(1)[at] = to_bfloat16(wide[i]);
        else call.tensor<int8_t>(1)[at] = to_int8(wide[i], i % kPanel < width ? factors[column + i % kPanel] : 0);
      }
    }
  });
}

}  // namespace ocelli::OCELLI_ISA
