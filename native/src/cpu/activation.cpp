// Elementwise functions of one tensor.
//
// activation            tensors x[n], y[n]            scalars n, kind; y may be x
// activation_backward   tensors dy[n], saved[n], dx[n] scalars n, kind; dx may be dy or saved
//   saved is y for tanh, sigmoid, exp and sqrt, and x for the others. Kinds: simd/activations.h; relu's backward pass is
//   activation_gradient of linear_backward.cpp.
// relu                  tensors x[n], y[n], mask[(n + 7) / 8] or null    scalars n; y may be x
//   mask gets a bit per element, whether it is positive (simd/bits.h).
#include "kernels.h"
#include "simd/activations.h"
#include "simd/bits.h"
#include "simd/fold.h"

namespace ocelli::OCELLI_ISA {
namespace {

template <class F>
void forward_of(const Call& call) {
  const float* x = call.tensor(0);
  float* y = call.tensor(1);
  parallel_blocks(call.pool, call.size(0), kBlock, [&](int64_t begin, int64_t end) {
    for_each_vector(end - begin, [&](int64_t i, int64_t count) OCELLI_HOT {
      store_part(y + begin + i, F::forward(load_part(x + begin + i, count)), count);
    });
  });
}

template <class F>
void backward_of(const Call& call) {
  const float* dy = call.tensor(0);
  const float* saved = call.tensor(1);
  float* dx = call.tensor(2);
  parallel_blocks(call.pool, call.size(0), kBlock, [&](int64_t begin, int64_t end) {
    for_each_vector(end - begin, [&](int64_t i, int64_t count) OCELLI_HOT {
      store_part(dx + begin + i, F::backward(load_part(dy + begin + i, count), load_part(saved + begin + i, count)), count);
    });
  });
}

}  // namespace

void relu(const Call& call) {
  const float* x = call.tensor(0);
  float* y = call.tensor(1);
  uint8_t* mask = call.tensor<uint8_t>(2);
  parallel_blocks(call.pool, call.size(0), kBlock, [&](int64_t begin, int64_t end) {
    for_each_vector(end - begin, [&](int64_t i, int64_t count) OCELLI_HOT {
      const Vector v = load_part(x + begin + i, count);
      if (mask) store_bits(mask, begin + i, positive_lanes(v), count);
      store_part(y + begin + i, Relu::forward(v), count);
    });
  });
}

void activation(const Call& call) {
  with_activation(call.size(1), [&](auto kind) { forward_of<decltype(kind)>(call); });
}

void activation_backward(const Call& call) {
  with_activation(call.size(1), [&](auto kind) { backward_of<decltype(kind)>(call); });
}

}  // namespace ocelli::OCELLI_ISA
