// The optimizer's step and the clipping of the gradient's norm. A call takes up to 12 tensors of a kind; places that stay free
// are null and have n = 0.
//
// adamw               tensors numbers[parameters, 3], gradient_scale?[1]; parameter[n], gradient[n], first_moment[n],
//                             second_moment[n], twelve times
//                     scalars first, beta1, beta2, epsilon; n, twelve times
//   AdamW (Loshchilov and Hutter 2019) in the arithmetic of torch.optim.AdamW: the parameter shrinks first; moments are
//   bias-corrected. All but the gradient are updated in place. What changes from step to step is in memory, so that a call
//   can be repeated: of the parameter in place i, row first + i of numbers has 1 - learning_rate * weight_decay,
//   learning_rate / (1 - beta1^step) and sqrt(1 - beta2^step), step 1 for the first.
// sum_of_squares      tensors total[1]; x[n], twelve times; total += sum(x^2) of all of them
//                     scalars n, twelve times
// clip_coefficient    tensors total[1], coefficient[1]; min(1, maximum / (sqrt(total) + 1e-6)), as
//                     torch.nn.utils.clip_grad_norm_ has it. coefficient may be total.
//                     scalars maximum
#include "kernels.h"
#include "simd/fold.h"
#include "simd/special.h"

namespace ocelli::OCELLI_ISA {

namespace {

constexpr int kPlaces = 12;

// A call's tensors side by side, each at a multiple of 64 bytes, in blocks that are cut by their sizes alone.
struct Row {
  int64_t sizes[kPlaces], begins[kPlaces + 1];

  // The size in place i is the scalar `first` + i.
  Row(const Call& call, int first) {
    begins[0] = 0;
    for (int i = 0; i < kPlaces; i++) {
      sizes[i] = call.size(first + i);
      begins[i + 1] = begins[i] + (sizes[i] + 15) / 16 * 16;
    }
  }
  int64_t length() const { return begins[kPlaces]; }

  // body(block, place, begin, end) for the part of each tensor that lies in a block; blocks in parallel.
  template <class Body>
  void for_each_part(ThreadPool& pool, int64_t block, const Body& body) const {
    parallel_blocks(pool, length(), block, [&](int64_t begin, int64_t end) {
      for (int i = 0; i < kPlaces; i++) {
        const int64_t from = begin > begins[i] ? begin - begins[i] : 0;
        const int64_t to = end - begins[i] < sizes[i] ? end - begins[i] : sizes[i];
        if (from < to) body(begin / block, i, from, to);
      }
    });
  }
};

}  // namespace

void adamw(const Call& call) {
  const float* numbers = call.tensor(0) + 3 * call.size(0);
  const float scale = call.tensor(1) ? *call.tensor(1) : 1;
  const double beta1 = call.scalars[1], beta2 = call.scalars[2];
  const float epsilon = call.real(3);
  const float gain1 = static_cast<float>(1 - beta1);
  const float keep2 = static_cast<float>(beta2), gain2 = static_cast<float>(1 - beta2);
  Row(call, 4).for_each_part(call.pool, kBlock, [&](int64_t, int place, int64_t begin, int64_t end) {
    const int at = 2 + 4 * place;
    float *parameter = call.tensor(at), *first = call.tensor(at + 2), *second = call.tensor(at + 3);
    const float* gradient = call.tensor(at + 1);
    const float keep = numbers[3 * place], step_size = numbers[3 * place + 1], root = numbers[3 * place + 2];
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
  float* total = call.tensor(0);
  const Row row(call, 0);
  const int64_t blocks = (row.length() + kBlock - 1) / kBlock;
  double* partials = reinterpret_cast<double*>(thread_scratch(Scratch::row, 2 * (blocks + 1)));
  for (int64_t b = 0; b < blocks; b++) partials[b] = 0;
  row.for_each_part(call.pool, kBlock, [&](int64_t block, int place, int64_t begin, int64_t end) {
    const float* x = call.tensor(1 + place) + begin;
    partials[block] += sum_of(end - begin, [&](int64_t i, int64_t count) OCELLI_HOT {
      const Vector value = load_part(x + i, count);
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
