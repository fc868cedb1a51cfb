#pragma once
// What a product is finished with: y = activation(factor * sum + bias) + residual, eight columns of a row by a thread.
#include "activations.cuh"

namespace ocelli::cuda::gemm {

constexpr int kEight = 8;

inline bool aligned_16(const void* at) { return reinterpret_cast<uintptr_t>(at) % 16 == 0; }

struct Epilogue {
  const float* factor;    // [columns] or null
  const float* bias;      // [columns] or null
  const float* residual;  // [rows, columns] or null
  // What the activation's derivative needs, or null: for relu one bit per element, whether it is positive, in rows of
  // whole bytes; the activation's argument [rows, columns] for the others.
  void* saved;
  float* y;  // [rows, columns]
  int64_t columns;
  int activation;  // activations.cuh, of those that linear layers have; or -1
  // Whether all rows of all of these begin at multiples of 16 bytes.
  bool wide;

  Epilogue(const float* factor, const float* bias, const float* residual, void* saved, float* y, int64_t columns,
           int64_t activation)
      : factor(factor), bias(bias), residual(residual), saved(saved), y(y), columns(columns),
        activation(static_cast<int>(activation)) {
    wide = columns % 4 == 0 && aligned_16(factor) && aligned_16(bias) && aligned_16(residual) && aligned_16(y) &&
           (activation == kRelu || aligned_16(saved));
  }
};

__device__ __forceinline__ void load_eight(float (&to)[kEight], const float* from, int count, bool wide) {
  if (wide) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      if (count <= 4 * half) break;
      const float4 four = *reinterpret_cast<const float4*>(from + 4 * half);
      to[4 * half] = four.x, to[4 * half + 1] = four.y, to[4 * half + 2] = four.z, to[4 * half + 3] = four.w;
    }
  } else {
#pragma unroll
    for (int i = 0; i < kEight; i++)
      if (i < count) to[i] = from[i];
  }
}

__device__ __forceinline__ void store_eight(float* to, const float (&from)[kEight], int count, bool wide) {
  if (wide) {
#pragma unroll
    for (int half = 0; half < 2; half++)
      if (count > 4 * half)
        *reinterpret_cast<float4*>(to + 4 * half) =
            make_float4(from[4 * half], from[4 * half + 1], from[4 * half + 2], from[4 * half + 3]);
  } else {
#pragma unroll
    for (int i = 0; i < kEight; i++)
      if (i < count) to[i] = from[i];
  }
}

__device__ __forceinline__ int eight_or_less(int64_t left) { return left < kEight ? static_cast<int>(left) : kEight; }

// Finishes the sums of columns [column, column + 8), as far as there are so many; `column` is a multiple of 8.
__device__ __forceinline__ void finish(const Epilogue& to, int64_t row, int64_t column, float (&y)[kEight]) {
  const int count = eight_or_less(to.columns - column);
  const int64_t at = row * to.columns + column;
  float other[kEight] = {};
  if (to.factor) {
    load_eight(other, to.factor + column, count, to.wide);
#pragma unroll
    for (int i = 0; i < kEight; i++) y[i] *= other[i];
  }
  if (to.bias) {
    load_eight(other, to.bias + column, count, to.wide);
#pragma unroll
    for (int i = 0; i < kEight; i++) y[i] += other[i];
  }
  if (to.saved && to.activation == kRelu) {
    unsigned bits = 0;
#pragma unroll
    for (int i = 0; i < kEight; i++) bits |= i < count && y[i] > 0.f ? 1u << i : 0;
    static_cast<uint8_t*>(to.saved)[row * ((to.columns + 7) / 8) + column / 8] = static_cast<uint8_t>(bits);
  } else if (to.saved) {
    store_eight(static_cast<float*>(to.saved) + at, y, count, to.wide);
  }
  with_linear_activation(to.activation, [&](auto function) {
#pragma unroll
    for (int i = 0; i < kEight; i++) y[i] = decltype(function)::forward(y[i]);
  });
  if (to.residual) {
    load_eight(other, to.residual + at, count, to.wide);
#pragma unroll
    for (int i = 0; i < kEight; i++) y[i] += other[i];
  }
  store_eight(to.y + at, y, count, to.wide);
}

}  // namespace ocelli::cuda::gemm
