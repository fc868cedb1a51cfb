// matmul   tensors a, b, bias[columns] or null, residual[rows, columns] or null, c[rows, columns],
//                  saved (gemm_epilogue.h) or null, sums[rows] or null
//          scalars rows, inner, columns, transpose a, transpose b, activation (simd/activations.h) or -1
//   c = activation(a b + bias) + residual; a is [rows, inner], or [inner, rows] if transposed; b is [inner, columns], or
//   [columns, inner] if transposed. sums, only with a transposed and b not, are a's over inner: where a is the gradient of
//   a linear layer's results and b its input, c is the gradient of the weight and sums that of the bias.
#include "gemm_epilogue.h"
#include "gemm_product.h"
#include "kernels.h"

namespace ocelli::OCELLI_ISA {

// Panels packed when they are needed.
struct MatrixPanels {
  Matrix b;
  int64_t columns;
  const float* panel(int64_t panel, int64_t k, int64_t run) const {
    float* packed = thread_scratch(Scratch::tile, kDepth * kPanel);
    pack_panel(b, k, run, panel * kPanel, columns, packed);
    return packed;
  }
};

void matmul(const Call& call) {
  float* c = call.tensor(4);
  const int64_t rows = call.size(0), inner = call.size(1), columns = call.size(2);
  const Matrix a = call.flag(3) ? Matrix{call.tensor(0), 1, rows} : Matrix{call.tensor(0), inner, 1};
  const Matrix b = call.flag(4) ? Matrix{call.tensor(1), 1, inner} : Matrix{call.tensor(1), columns, 1};
  const Epilogue epilogue = {nullptr, call.tensor(2), call.tensor(3), call.tensor<void>(5), call.size(5)};
  product(call.pool, a, rows, columns, inner, c, MatrixPanels{b, columns}, epilogue);
  if (!call.tensor(6)) return;
  void* const tensors[] = {call.tensor(0), nullptr, call.tensor(6)};
  const double scalars[] = {1, call.scalars[1], call.scalars[0], 1};
  reduce_sum({tensors, scalars, call.pool});
}

}  // namespace ocelli::OCELLI_ISA
