#pragma once
// What a product is finished with: y = activation(factor * sum + bias) + residual, and the way back.
#include "simd/vector.h"

namespace ocelli::OCELLI_ISA {

constexpr int64_t kNoActivation = -1;

struct Epilogue {
  const float* factor;    // [columns] or null
  const float* bias;      // [columns] or null
  const float* residual;  // [rows, columns] or null
  // What the activation's derivative needs, or null: for relu one bit per element, whether it is positive, in rows of
  // whole bytes; the activation's argument [rows, columns] for the others.
  void* saved;
  int64_t activation;  // simd/activations.h, of those that linear layers have; or -1

  // Bias and residual alone are added by the micro-kernel; all of it has to wait for the whole sum otherwise.
  bool waits() const { return factor || activation != kNoActivation; }

  // Finishes the sums c[row, row + height)[column, column + width), fresh in L1; rows of c are `columns` long.
  void apply(float* c, int64_t columns, int64_t row, int64_t height, int64_t column, int64_t width) const;
};

// The gradient of the activation's argument, for a row's elements [column, column + count): dy of a matrix whose rows are
// `columns` long, and what the epilogue saved.
void gradient_of_row(const float* dy, const void* saved, int64_t activation, int64_t row, int64_t column, int64_t count,
                     int64_t columns, float* to);

}  // namespace ocelli::OCELLI_ISA
