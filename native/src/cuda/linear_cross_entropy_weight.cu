// linear_cross_entropy_backward_weight: the twin of src/cpu/linear_cross_entropy_weight.cpp's.
//
// In rounds of classes, so that no part of the result is added up between rounds: all rows' logits of the round's classes
// once more, their gradient in place, and its product with x. Bound by the two products.
#include "linear_cross_entropy.cuh"

namespace ocelli::cuda {

void linear_cross_entropy_backward_weight(const Call& call) {
  Stream& stream = *call.stream;
  const float *dloss = call.tensor(0), *x = call.tensor(1), *log_sum_exp = call.tensor(4);
  float *weight = call.tensor(2), *dweight = call.tensor(5);
  const int64_t rows = call.size(0), width = call.size(1), classes = call.size(2);
  const Targets targets = {call.tensor<int32_t>(3), classes, call.size(4), call.scalars[5]};
  if (rows == 0) return check(cudaMemsetAsync(dweight, 0, classes * width * sizeof(float), stream.handle()), "cudaMemsetAsync");

  // What ignored rows hold must not reach the sums, not even as zero times infinity.
  float* kept = stream.workspace<float>(rows * width);
  for_elements(stream, rows * width, [=] __device__(int64_t i) { kept[i] = targets.ignores(i / width) ? 0 : x[i]; });
  const int64_t most = at_once(rows, classes);
  float* logits = stream.workspace<float>(rows * most);
  for (int64_t first = 0; first < classes; first += most) {
    const int64_t count = std::min(most, classes - first);
    run_inside(call, matmul, {kept, weight + first * width, nullptr, nullptr, logits, nullptr, nullptr},
               {double(rows), double(width), double(count), 0, 1, kNoActivationOfHead});
    gradient_of_logits(stream, rows, first, count, targets, dloss, log_sum_exp, logits, logits);
    run_inside(call, matmul, {logits, kept, nullptr, nullptr, dweight + first * width, nullptr, nullptr},
               {double(count), double(rows), double(width), 1, 0, kNoActivationOfHead});
  }
}

}  // namespace ocelli::cuda
