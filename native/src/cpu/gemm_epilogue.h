#pragma once
// What a product is finished with: y = activation(factor * sum + bias) + residual.
#include "simd/activations.h"
#include "simd/bits.h"
#include "weight_format.h"

namespace ocelli::OCELLI_ISA {

constexpr int64_t kNoActivation = -1;
constexpr int64_t kRelu = 0;

struct Epilogue {
  const float* factor;    // [columns] or null
  const float* bias;      // [columns] or null
  const float* residual;  // [rows, columns] or null
  // What the activation's derivative needs, or null: for relu one bit per element, whether it is positive, in rows of
  // whole bytes; the activation's argument [rows, columns] for the others.
  void* saved;
  int64_t activation;

  // Bias and residual alone are added by the micro-kernel; all of it has to wait for the whole sum otherwise.
  bool waits() const { return factor || activation != kNoActivation; }

  // Finishes the sums c[row, row + height)[column, column + width), fresh in L1.
  void apply(float* c, int64_t columns, int64_t row, int64_t height, int64_t column, int64_t width) const {
    if (activation == kNoActivation) return apply_as(None{}, c, columns, row, height, column, width);
    with_activation(activation, [&](auto function) { apply_as(function, c, columns, row, height, column, width); });
  }

 private:
  struct None {
    static OCELLI_INLINE Vector forward(Vector x) { return x; }
  };

  template <class Activation>
  void apply_as(Activation, float* c, int64_t columns, int64_t row, int64_t height, int64_t column, int64_t width) const {
    for (int64_t j = column; j < column + width; j += kWidth) {
      const int64_t count = smaller(column + width - j, kWidth);
      const Vector scale = factor ? load_part(factor + j, count) : splat(1), shift = bias ? load_part(bias + j, count) : Vector{};
      for (int64_t i = row; i < row + height; i++) {
        const int64_t at = i * columns + j;
        Vector y = load_part(c + at, count) * scale + shift;
        if (saved) save(y, i, j, columns, count);
        y = Activation::forward(y);
        if (residual) y += load_part(residual + at, count);
        store_part(c + at, y, count);
      }
    }
  }

  OCELLI_INLINE void save(Vector y, int64_t row, int64_t column, int64_t columns, int64_t count) const {
    if (activation != kRelu) return store_part(static_cast<float*>(saved) + row * columns + column, y, count);
    uint8_t* bits = static_cast<uint8_t*>(saved) + row * ((columns + 7) / 8);
    store_bits(bits, column, positive_lanes(y), count);
  }
};

}  // namespace ocelli::OCELLI_ISA
