// linear_cross_entropy: the twin of src/cpu/linear_cross_entropy.cpp's.
//
// In rounds of rows: their logits by the product of a linear layer, one kernel that makes a row of them its loss and, in
// place, its gradient, and the product back through the weight. Bound by the two products, 4 * rows * width * classes
// operations; the kernel between them reads the logits twice and writes them once, which beside 768 columns is a tenth of
// the products' time in tf32 if all of it comes from memory, and less the wider the head is.
//
// Compared to the processor's way, which never lets logits leave the cache: tiles of 128 rows leave no room for sums of the
// gradient as wide as the head in a block's registers, and a weight that is read once for every 256 rows is no limit.
#include "gemm_few_rows.cuh"
#include "linear_cross_entropy.cuh"

namespace ocelli::cuda {

void linear_cross_entropy(const Call& call) {
  Stream& stream = *call.stream;
  float *x = call.tensor(0), *factors = call.tensor(2), *loss = call.tensor(4), *log_sum_exp = call.tensor(5);
  void* weight = call.tensor<void>(1);
  const int32_t* targets = call.tensor<int32_t>(3);
  float* dx = call.tensor(6);
  const int64_t rows = call.size(0), width = call.size(1), classes = call.size(2), format = call.size(3);
  const bool plain = format < 0;

  // Few rows take another way through linear_packed, which adds in another order; a row's bits must not depend on that.
  constexpr int64_t kLeastRows = gemm::kMostFewRows + 1;
  const int64_t most = std::max(kLeastRows, at_once(classes, rows));
  float* logits = stream.workspace<float>(most * classes);
  float* filled_up = stream.workspace<float>(kLeastRows * width);
  for (int64_t first = 0; first < rows; first += most) {
    const int64_t count = std::min(most, rows - first), multiplied = std::max(count, kLeastRows);
    float* in = x + first * width;
    if (count < kLeastRows) {
      const float* from = in;
      const int64_t given = count * width;
      float* to = filled_up;
      for_elements(stream, kLeastRows * width, [=] __device__(int64_t i) { to[i] = i < given ? from[i] : 0; });
      in = filled_up;
    }
    if (plain)
      run_inside(call, matmul, {in, weight, nullptr, nullptr, logits, nullptr, nullptr},
                 {double(multiplied), double(width), double(classes), 0, 1, kNoActivationOfHead});
    else
      run_inside(call, linear_packed, {in, weight, factors, nullptr, nullptr, logits, nullptr},
                 {double(multiplied), double(width), double(classes), double(format), kNoActivationOfHead});

    const Targets of_round = {targets + first, classes, call.size(4), call.scalars[5]};
    if (!dx) {
      losses_of<false>(stream, count, first, of_round, logits, loss + first, log_sum_exp + first);
      continue;
    }
    losses_of<true>(stream, count, first, of_round, logits, loss + first, log_sum_exp + first);
    if (plain)
      run_inside(call, matmul, {logits, weight, nullptr, nullptr, dx + first * width, nullptr, nullptr},
                 {double(count), double(classes), double(width), 0, 0, kNoActivationOfHead});
    else
      run_inside(call, linear_packed_backward, {logits, weight, factors, nullptr, dx + first * width},
                 {double(count), double(width), double(classes), double(format), kNoActivationOfHead});
  }
}

}  // namespace ocelli::cuda
