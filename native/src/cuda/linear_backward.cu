// linear_packed_backward: the twin of src/cpu/linear_backward.cpp's, by gemm_product.cuh from the same packed copy: what lies
// side by side there are the columns of this product.
//
// Where there is an activation, or factors of int8 or fp8, dz is made first, in the workspace: one more pass over rows * outputs
// numbers each way, which with 768 inputs is a quarter of the product's time in float32, and less the more inputs there are.
#include "activation_gradient.cuh"
#include "gemm_product.cuh"
#include "kernels.h"

namespace ocelli::cuda {

void linear_packed_backward(const Call& call) {
  using gemm::Source;
  const int64_t rows = call.size(0), inputs = call.size(1), outputs = call.size(2), activation = call.size(4);
  const auto format = static_cast<WeightFormat>(call.size(3));
  const void* packed = call.tensor<void>(1);
  const float *dz = call.tensor(0), *factors = call.tensor(2);
  const float* factor = scales_sums(format) ? factors : nullptr;
  if (rows == 0) return;
  if (activation != kNoActivation || factor) {
    float* made = call.stream->workspace<float>(rows * outputs);
    gemm::gradient_of_activation(*call.stream, dz, call.tensor<void>(3), factor, made, rows, outputs, activation);
    dz = made;
  }
  with_numbers(format, [&](auto numbers) {
    using Numbers = decltype(numbers);
    gemm::multiply<true, Numbers, false>(
        *call.stream,
        {Source::plain(dz, rows, outputs), Source::packed<Numbers>(packed, outputs, inputs), rows, inputs, outputs, 0, factors,
         filled_up(inputs) / kGroup, levels_of(format), {nullptr, nullptr, nullptr, nullptr, call.tensor(4), inputs, kNoActivation}});
  });
}

}  // namespace ocelli::cuda
