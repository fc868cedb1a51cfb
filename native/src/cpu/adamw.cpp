// The optimizer's step and the clipping of the gradient's norm.
//
// adamw               tensors parameter[n], gradient[n], first_moment[n], second_moment[n], gradient_scale?[1]
//                     scalars n, learning_rate, beta1, beta2, epsilon, weight_decay, step (1 for the first)
//   AdamW (Loshchilov and Hutter 2019) in the arithmetic of torch.optim.AdamW: the parameter shrinks by
//   1 - learning_rate * weight_decay first; moments are bias-corrected. All but the gradient are updated in place.
// sum_of_squares      tensors x[n], total[1]; total += sum(x^2)
//                     scalars n
// clip_coefficient    tensors total[1], coefficient[1]; min(1, maximum / (sqrt(total) + 1e-6)), as
//                     torch.nn.utils.clip_grad_norm_ has it. coefficient may be total.
//                     scalars maximum
#include "kernels.h"
#include "simd/fold.h"
#include "simd/special.h"

namespace ocelli::OCELLI_ISA {

void adamw(const Call& call) {
  float* parameter = call.tensor(0);
  const float* gradient = call.tensor(1);
  float* first = call.tensor(2);
  float* second = call.tensor(3);
  const float scale = call.tensor(4) ? *call.tensor(4) : 1;
  const double rate = call.scalars[1], step = call.scalars[6];
  const double beta1 = call.scalars[2], beta2 = call.scalars[3];
  const float epsilon = call.real(4);
  const float keep = static_cast<float>(1 - rate * call.scalars[5]);
  const float step_size = static_cast<float>(rate / (1 - __builtin_pow(beta1, step)));
  const float root = static_cast<float>(__builtin_sqrt(1 - __builtin_pow(beta2, step)));
  const float gain1 = static_cast<float>(1 - beta1);
  const float keep2 = static_cast<float>(beta2), gain2 = static_cast<float>(1 - beta2);
  parallel_blocks(call.pool, call.size(0), kBlock / 2, [&](int64_t begin, int64_t end) {
    for_each_vector(end - begin, [&](int64_t offset, int64_t count) OCELLI_HOT {
      const int64_t i = begin + offset;
      const Vector g = load_part(gradient + i, count) * scale;
      const Vector before = load_part(first + i, count);
      const Vector m = before + (g - before) * gain1;
      const Vector v = load_part(second + i, count) * keep2 + g * g * gain2;
      const Vector p = load_part(parameter + i, count) * keep;
      store_part(first + i, m, count);
      store_part(second + i, v, count);
      store_part(parameter + i, p - step_size * m / (square_root(v) / root + epsilon), count);
    });
  });
}

void sum_of_squares(const Call& call) {
  const float* x = call.tensor(0);
  float* total = call.tensor(1);
  const int64_t n = call.size(0);
  const int64_t blocks = (n + kBlock - 1) / kBlock;
  double* partials = reinterpret_cast<double*>(thread_scratch(Scratch::row, 2 * (blocks + 1)));
  parallel_blocks(call.pool, n, kBlock, [&](int64_t begin, int64_t end) {
    partials[begin / kBlock] = sum_of(end - begin, [&](int64_t i, int64_t count) OCELLI_HOT {
      const Vector value = load_part(x + begin + i, count);
      return value * value;
    });
  });
  double sum = *total;
  for (int64_t b = 0; b < blocks; b++) sum += partials[b];
  *total = static_cast<float>(sum);
}

void clip_coefficient(const Call& call) {
  const double norm = __builtin_sqrt(static_cast<double>(*call.tensor(0)));
  const double coefficient = call.scalars[0] / (norm + 1e-6);
  *call.tensor(1) = static_cast<float>(coefficient > 1 ? 1 : coefficient);  // NaN stays NaN
}

}  // namespace ocelli::OCELLI_ISA
