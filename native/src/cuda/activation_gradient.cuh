#pragma once
// dz[rows, columns] = dy times the derivative of a linear layer's activation, and times a factor for each column if there
// are some. Bound by bytes: eight columns a thread, the whole byte of a mask among them.
#include "gemm_epilogue.cuh"
#include "stream.cuh"

namespace ocelli::cuda::gemm {

struct ActivationGradient {
  const float* dy;
  const void* saved;  // as Epilogue has it; not read without an activation
  const float* factor;
  float* dz;
  int64_t rows, columns;
  int activation;
  bool wide;
};

template <int kThreads>
__global__ void __launch_bounds__(kThreads) differentiate_activation(ActivationGradient of) {
  const int64_t eights = (of.columns + kEight - 1) / kEight, stride = static_cast<int64_t>(gridDim.x) * kThreads;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < of.rows * eights; i += stride) {
    const int64_t row = i / eights, column = i % eights * kEight, at = row * of.columns + column;
    const int count = eight_or_less(of.columns - column);
    float dz[kEight] = {}, other[kEight] = {};
    load_eight(dz, of.dy + at, count, of.wide);
    if (of.activation == kRelu) {
      const unsigned bits = static_cast<const uint8_t*>(of.saved)[i];
#pragma unroll
      for (int j = 0; j < kEight; j++) dz[j] = bits >> j & 1 ? dz[j] : 0.f;
    } else if (of.activation != kNoActivation) {
      load_eight(other, static_cast<const float*>(of.saved) + at, count, of.wide);
      with_linear_activation(of.activation, [&](auto function) {
#pragma unroll
        for (int j = 0; j < kEight; j++) dz[j] = decltype(function)::backward(dz[j], other[j]);
      });
    }
    if (of.factor) {
      load_eight(other, of.factor + column, count, of.wide);
#pragma unroll
      for (int j = 0; j < kEight; j++) dz[j] *= other[j];
    }
    store_eight(of.dz + at, dz, count, of.wide);
  }
}

inline void gradient_of_activation(Stream& stream, const float* dy, const void* saved, const float* factor, float* dz,
                                   int64_t rows, int64_t columns, int64_t activation) {
  if (rows == 0 || columns == 0) return;
  const bool wide = columns % 4 == 0 && aligned_16(dy) && aligned_16(factor) && aligned_16(dz) &&
                    (activation == kRelu || aligned_16(saved));
  const ActivationGradient of = {dy, saved, factor, dz, rows, columns, static_cast<int>(activation), wide};
  OCELLI_LAUNCH((differentiate_activation<256>), blocks_for(rows * ((columns + kEight - 1) / kEight), 256), 256, 0,
                stream.handle(), of);
}

}  // namespace ocelli::cuda::gemm
