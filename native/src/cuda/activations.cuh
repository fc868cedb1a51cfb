#pragma once
// The elementwise functions of src/cpu/simd/activations.h with their derivatives: forward(x), and backward(dy, saved), where
// `saved` is y for relu, tanh, sigmoid, exp and sqrt, and x for the others. CUDA's own functions of math.h are within 2 ulp.
#include "cuda.cuh"

namespace ocelli::cuda {

struct Relu {
  static __device__ float forward(float x) { return x < 0.f ? 0.f : x; }
  static __device__ float backward(float dy, float y) { return y > 0.f ? dy : 0.f; }
};

// x * Phi(x) (Hendrycks and Gimpel 2016), exact form.
struct Gelu {
  // erfc keeps the relative accuracy of small Phi.
  static __device__ float cumulative(float x) { return 0.5f * erfcf(x * -0.70710678f); }
  static __device__ float forward(float x) { return x * cumulative(x); }
  static __device__ float backward(float dy, float x) {
    return dy * (cumulative(x) + x * 0.39894228f * expf(x * x * -0.5f));
  }
};

static __device__ __forceinline__ float logistic(float x) { return 1.f / (1.f + expf(-x)); }

// x * 0.5 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))): written as x * logistic(2 u).
struct GeluTanh {
  static constexpr float kScale = 1.59576912f;  // 2 sqrt(2 / pi)
  static constexpr float kCubic = 0.044715f;
  // Beyond 12 the logistic is 0 or 1 to the last bit; the clamp keeps x^3 finite, and NaN what it is.
  static __device__ float clamp(float x) { return x > 12.f ? 12.f : x < -12.f ? -12.f : x; }
  static __device__ float gate(float x) { return logistic(kScale * (x + kCubic * x * x * x)); }
  static __device__ float forward(float x) { return x * gate(clamp(x)); }
  static __device__ float backward(float dy, float value) {
    const float x = clamp(value), s = gate(x);
    return dy * (s + x * s * (1.f - s) * kScale * (1.f + 3 * kCubic * x * x));
  }
};

struct Tanh {
  static __device__ float forward(float x) { return tanhf(x); }
  static __device__ float backward(float dy, float y) { return dy * (1.f - y * y); }
};

struct Sigmoid {
  static __device__ float forward(float x) { return logistic(x); }
  static __device__ float backward(float dy, float y) { return dy * y * (1.f - y); }
};

// x * logistic(x) (Elfwing et al. 2018), also called swish.
struct Silu {
  static __device__ float forward(float x) { return x * logistic(x); }
  static __device__ float backward(float dy, float x) {
    const float s = logistic(x);
    return dy * (s + x * s * (1.f - s));
  }
};

// x * logistic(1.702 x): the activation of OpenAI's CLIP.
struct QuickGelu {
  static __device__ float forward(float x) { return x * logistic(x * 1.702f); }
  static __device__ float backward(float dy, float x) {
    const float s = logistic(x * 1.702f);
    return dy * (s + x * 1.702f * s * (1.f - s));
  }
};

struct Exp {
  static __device__ float forward(float x) { return expf(x); }
  static __device__ float backward(float dy, float y) { return dy * y; }
};

struct Log {
  static __device__ float forward(float x) { return logf(x); }
  static __device__ float backward(float dy, float x) { return dy / x; }
};

struct Square {
  static __device__ float forward(float x) { return x * x; }
  static __device__ float backward(float dy, float x) { return dy * x * 2.f; }
};

struct Sqrt {
  static __device__ float forward(float x) { return sqrtf(x); }
  static __device__ float backward(float dy, float y) { return dy * 0.5f / y; }
};

constexpr int kNoActivation = -1, kRelu = 0;

// Calls run with the function of this number; packages/ops/src/ops/activation.ts has the same numbers.
template <class Run>
void with_activation(int64_t kind, const Run& run) {
  switch (kind) {
    case kRelu: return run(Relu{});
    case 1: return run(Gelu{});
    case 2: return run(GeluTanh{});
    case 3: return run(Tanh{});
    case 4: return run(Sigmoid{});
    case 5: return run(Silu{});
    case 6: return run(QuickGelu{});
    case 7: return run(Exp{});
    case 8: return run(Log{});
    case 9: return run(Square{});
    case 10: return run(Sqrt{});
  }
}

// The same inside of a kernel, of those that linear layers have.
template <class Run>
__device__ __forceinline__ void with_linear_activation(int kind, const Run& run) {
  switch (kind) {
    case kRelu: return run(Relu{});
    case 1: return run(Gelu{});
    case 2: return run(GeluTanh{});
    case 5: return run(Silu{});
    case 6: return run(QuickGelu{});
  }
}

}  // namespace ocelli::cuda
