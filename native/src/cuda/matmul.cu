// matmul: the twin of src/cpu/matmul.cpp's, by gemm_product.cuh. A weight's gradient (transposed a) has few columns and rows
// and sums over all tokens, so its depth is cut until every multiprocessor has work; the parts are added in their order. The
// gradient of the bias comes from the same tiles.
#include "gemm_product.cuh"
#include "kernels.h"
#include "reduce.cuh"

namespace ocelli::cuda {

void matmul(const Call& call) {
  using gemm::Source;
  const int64_t rows = call.size(0), inner = call.size(1), columns = call.size(2);
  const bool transposed_a = call.flag(3), transposed_b = call.flag(4);
  const float *a = call.tensor(0), *b = call.tensor(1);
  const gemm::Product product = {
      transposed_a ? Source::plain(a, inner, rows) : Source::plain(a, rows, inner),
      transposed_b ? Source::plain(b, columns, inner) : Source::plain(b, inner, columns),
      rows, columns, inner, 0, nullptr, 0, {},
      {nullptr, call.tensor(2), call.tensor(3), call.tensor<void>(5), call.tensor(4), columns, call.size(5)},
      call.tensor(6)};
  Stream& stream = *call.stream;
  if (transposed_a && transposed_b) gemm::multiply<false, Float32Numbers, true>(stream, product, true);
  else if (product.sums && columns == 0) sum_columns(stream, a, nullptr, product.sums, 1, inner, rows, 1);
  else if (product.sums) gemm::multiply<false, Float32Numbers, false, true>(stream, product, true);
  else if (transposed_a) gemm::multiply<false, Float32Numbers, false>(stream, product, true);
  else if (transposed_b) gemm::multiply<true, Float32Numbers, true>(stream, product);
  else gemm::multiply<true, Float32Numbers, false>(stream, product);
}

}  // namespace ocelli::cuda
