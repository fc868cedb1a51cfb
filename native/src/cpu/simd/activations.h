#pragma once
// Elementwise functions with their derivatives: forward(x), and backward(dy, saved), where `saved` is y for relu, tanh,
// sigmoid, exp and sqrt, and x for the others.
#include "special.h"

namespace ocelli::OCELLI_ISA {

static OCELLI_INLINE Vector logistic(Vector x) { return keep_nan(x, 1.f / (1.f + vexp(-x))); }

struct Relu {
  static OCELLI_INLINE Vector forward(Vector x) { return x < 0.f ? Vector{} : x; }
  static OCELLI_INLINE Vector backward(Vector dy, Vector y) { return y > 0.f ? dy : Vector{}; }
};

// x * Phi(x) (Hendrycks and Gimpel 2016), exact form.
struct Gelu {
  // The approximation of erf ends a few ulp away from -1, which a large |x| would magnify: Phi(-5.6) is 1e-8.
  static OCELLI_INLINE Vector cumulative(Vector x) {
    const Vector c = verf(x * 0.70710678f) * 0.5f + 0.5f;
    return x < -5.6f ? Vector{} : c;
  }
  static OCELLI_INLINE Vector forward(Vector x) { return x * cumulative(x); }
  static OCELLI_INLINE Vector backward(Vector dy, Vector x) {
    return dy * (cumulative(x) + x * 0.39894228f * vexp(x * x * -0.5f));
  }
};

// x * 0.5 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))): written as x * logistic(2 u).
struct GeluTanh {
  static constexpr float kScale = 1.59576912f;  // 2 sqrt(2 / pi)
  static constexpr float kCubic = 0.044715f;
  // Beyond 12 the logistic is 0 or 1 to the last bit; the clamp keeps x^3 finite.
  static OCELLI_INLINE Vector clamp(Vector x) { return maximum(splat(-12.f), minimum(splat(12.f), x)); }
  static OCELLI_INLINE Vector gate(Vector x) { return logistic(kScale * (x + kCubic * x * x * x)); }
  static OCELLI_INLINE Vector forward(Vector x) { return x * gate(clamp(x)); }
  static OCELLI_INLINE Vector backward(Vector dy, Vector value) {
    const Vector x = clamp(value), s = gate(x);
    return dy * (s + x * s * (1.f - s) * kScale * (1.f + 3 * kCubic * x * x));
  }
};

struct Tanh {
  // Near 0 the quotient loses the relative accuracy that a small gate needs: Cephes' polynomial there.
  static OCELLI_INLINE Vector forward(Vector x) {
    const Vector s = x * x;
    Vector p = splat(-5.70498872745e-3f);
    p = p * s + 2.06390887954e-2f;
    p = p * s - 5.37397155531e-2f;
    p = p * s + 1.33314422036e-1f;
    p = p * s - 3.33332819422e-1f;
    const Vector near = x * s * p + x;
    const Vector size = x < 0.f ? -x : x;
    const Vector far = 1.f - 2.f / (vexp(size * 2.f) + 1.f);
    return size < 0.625f ? near : keep_nan(x, x < 0.f ? -far : far);
  }
  static OCELLI_INLINE Vector backward(Vector dy, Vector y) { return dy * (1.f - y * y); }
};

struct Sigmoid {
  static OCELLI_INLINE Vector forward(Vector x) { return logistic(x); }
  static OCELLI_INLINE Vector backward(Vector dy, Vector y) { return dy * y * (1.f - y); }
};

// x * logistic(x) (Elfwing et al. 2018), also called swish.
struct Silu {
  static OCELLI_INLINE Vector forward(Vector x) { return x * logistic(x); }
  static OCELLI_INLINE Vector backward(Vector dy, Vector x) {
    const Vector s = logistic(x);
    return dy * (s + x * s * (1.f - s));
  }
};

// x * logistic(1.702 x): the activation of OpenAI's CLIP.
struct QuickGelu {
  static OCELLI_INLINE Vector forward(Vector x) { return x * logistic(x * 1.702f); }
  static OCELLI_INLINE Vector backward(Vector dy, Vector x) {
    const Vector s = logistic(x * 1.702f);
    return dy * (s + x * 1.702f * s * (1.f - s));
  }
};

struct Exp {
  // vexp over the whole range of float: subnormal results below -87.3, infinity above 88.73. The power of two is applied
  // in two halves, as neither 2^128 nor 2^-149 is a normal float.
  static OCELLI_INLINE Vector forward(Vector value) {
    const Vector x = maximum(splat(-104.f), minimum(splat(89.f), value));
    const Vector magic = splat(12582912.f);
    const Vector n = (x * 1.44269504f + magic) - magic;
    const IntVector exponent = __builtin_convertvector(n, IntVector);
    const IntVector half = exponent >> 1;
    const Vector r = (x - n * 0.693145752f) - n * 1.42860677e-6f;
    const Vector y = vexp(r) * reinterpret_cast<Vector>((half + 127) << 23) *
                     reinterpret_cast<Vector>((exponent - half + 127) << 23);
    return keep_nan(value, y);
  }
  static OCELLI_INLINE Vector backward(Vector dy, Vector y) { return dy * y; }
};

struct Log {
  typedef uint32_t Bits __attribute__((vector_size(kWidth * 4)));
  // Cephes' logf: x = 2^e m with m in [sqrt(1/2), sqrt(2)), a polynomial in m - 1.
  static OCELLI_INLINE Vector forward(Vector value) {
    const Vector subnormal = value * 16777216.f;
    const Vector x = value < 1.17549435e-38f ? subnormal : value;
    // Where x is negative this wraps; the result is replaced below.
    const IntVector shifted = reinterpret_cast<IntVector>(reinterpret_cast<Bits>(x) - 0x3f3504f3u);  // sqrt(1/2)
    Vector e = __builtin_convertvector(shifted >> 23, Vector);
    e = value < 1.17549435e-38f ? e - 24.f : e;
    const Vector m = reinterpret_cast<Vector>((shifted & 0x007fffff) + 0x3f3504f3) - 1.f;
    const Vector s = m * m;
    Vector y = log_tail(m) * s + e * -2.12194440e-4f;
    y = m + (y - 0.5f * s) + e * 0.693359375f;
    const float infinity = __builtin_inff();
    y = value == splat(infinity) ? value : y;
    y = value == Vector{} ? splat(-infinity) : y;
    return keep_nan(value, value < 0.f ? splat(__builtin_nanf("")) : y);
  }
  static OCELLI_INLINE Vector backward(Vector dy, Vector x) { return dy / x; }
};

struct Square {
  static OCELLI_INLINE Vector forward(Vector x) { return x * x; }
  static OCELLI_INLINE Vector backward(Vector dy, Vector x) { return dy * x * 2.f; }
};

struct Sqrt {
  static OCELLI_INLINE Vector forward(Vector x) { return square_root(x); }
  static OCELLI_INLINE Vector backward(Vector dy, Vector y) { return dy * 0.5f / y; }
};

// Calls run with the function of this number; packages/ops/src/ops/activation.ts has the same numbers.
template <class Run>
static OCELLI_INLINE void with_activation(int64_t kind, Run run) {
  switch (kind) {
    case 0: return run(Relu{});
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

}  // namespace ocelli::OCELLI_ISA
