// linear_packed: the twin of src/cpu/linear.cpp's. Up to eight rows by gemm_few_rows.cuh, more by gemm_product.cuh. These sum
// in another order, so a row's bits are the same among any one to eight rows, and among any number from nine on.
#include "gemm_few_rows.cuh"
#include "gemm_product.cuh"
#include "kernels.h"

namespace ocelli::cuda {

void linear_packed(const Call& call) {
  using gemm::Source;
  const float* x = call.tensor(0);
  const void* packed = call.tensor<void>(1);
  const float* factors = call.tensor(2);
  const int64_t rows = call.size(0), inputs = call.size(1), outputs = call.size(2);
  const auto format = static_cast<WeightFormat>(call.size(3));
  const gemm::Epilogue epilogue = {scales_sums(format) ? factors : nullptr,
                                   call.tensor(3), call.tensor(4), call.tensor<void>(6), call.tensor(5), outputs, call.size(4)};
  if (rows == 0) return;
  with_numbers(format, [&](auto numbers) {
    using Numbers = decltype(numbers);
    if (rows <= gemm::kMostFewRows)
      return gemm::multiply_few<Numbers>(
          *call.stream, {x, static_cast<int>(rows), inputs, packed, factors, levels_of(format), epilogue});
    gemm::multiply<true, Numbers, true>(
        *call.stream, {Source::plain(x, rows, inputs), Source::packed<Numbers>(packed, outputs, inputs), rows, outputs, inputs,
                       0, factors, filled_up(inputs) / kGroup, levels_of(format), epilogue});
  });
}

}  // namespace ocelli::cuda
