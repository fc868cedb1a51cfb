// activation, activation_backward, relu: the twins of src/cpu/activation.cpp's.
//
// Bound by bytes: 8 an element forward, 12 backward, against some 20 to 50 instructions; a processor of an H100 has time for
// 70 while 8 bytes come and go. Four elements a thread, 16 bytes a load.
#include "activations.cuh"
#include "elements.cuh"
#include "kernels.h"

namespace ocelli::cuda {

namespace {

template <class Kind>
struct ActivationForward {
  __device__ float operator()(float x) const { return Kind::forward(x); }
};
template <class Kind>
struct ActivationBackward {
  __device__ float operator()(float dy, float saved) const { return Kind::backward(dy, saved); }
};

// A thread has four elements, which are half a byte of the mask: of each pair of threads the even one writes.
template <bool kPacked>
__global__ void __launch_bounds__(256) relu_with_mask(int64_t count, const float* x, float* y, uint8_t* mask) {
  const int64_t stride = static_cast<int64_t>(gridDim.x) * blockDim.x;
  const int64_t groups = (count + 3) / 4, rounded = (groups + 31) / 32 * 32;  // warps stay whole
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < rounded; i += stride) {
    const int64_t at = 4 * i;
    Pack<float, 4> values = load_four<kPacked>(x, at, count);
    unsigned bits = 0;
#pragma unroll
    for (int e = 0; e < 4; e++) {
      bits |= (values.at[e] > 0.f ? 1u : 0u) << e;
      values.at[e] = Relu::forward(values.at[e]);
    }
    store_four<kPacked>(y, at, count, values);
    bits |= __shfl_down_sync(0xffffffffu, bits, 1) << 4;
    if (i % 2 == 0 && at < count) mask[at / 8] = static_cast<uint8_t>(bits);
  }
}

}  // namespace

void activation(const Call& call) {
  with_activation(call.size(1), [&](auto kind) {
    map_elements(*call.stream, call.size(0), ActivationForward<decltype(kind)>{}, call.tensor(1), static_cast<const float*>(call.tensor(0)));
  });
}

void activation_backward(const Call& call) {
  const float *dy = call.tensor(0), *saved = call.tensor(1);
  with_activation(call.size(1), [&](auto kind) {
    map_elements(*call.stream, call.size(0), ActivationBackward<decltype(kind)>{}, call.tensor(2), dy, saved);
  });
}

void relu(const Call& call) {
  const float* x = call.tensor(0);
  float* y = call.tensor(1);
  uint8_t* mask = call.tensor<uint8_t>(2);
  const int64_t count = call.size(0);
  if (!mask) return map_elements(*call.stream, count, ActivationForward<Relu>{}, y, x);
  if (count <= 0) return;
  const unsigned blocks = blocks_for((count + 3) / 4, 256);
  if (is_aligned(x, 16) && is_aligned(y, 16)) OCELLI_LAUNCH(relu_with_mask<true>, blocks, 256, 0, call.stream->handle(), count, x, y, mask);
  else OCELLI_LAUNCH(relu_with_mask<false>, blocks, 256, 0, call.stream->handle(), count, x, y, mask);
}

}  // namespace ocelli::cuda
