#pragma once
// Elementary functions on a register. Errors are relative to the exact value unless said otherwise.
#include "vector.h"

namespace ocelli::OCELLI_ISA {

// exp(r) for |r| <= log(2) / 2 (Cephes).
static OCELLI_INLINE Vector exp_near_zero(Vector r) {
  Vector p = splat(1.98756915e-4f);
  p = p * r + 1.39819995e-3f;
  p = p * r + 8.33345192e-3f;
  p = p * r + 4.16657952e-2f;
  p = p * r + 1.66666657e-1f;
  p = p * r + 0.5f;
  return (p * r) * r + (r + 1.f);
}

// (log(1 + m) - m + m^2 / 2) / m^2 for 1 + m in [sqrt(1/2), sqrt(2)] (Cephes): what a logarithm has beyond its first terms.
static OCELLI_INLINE Vector log_tail(Vector m) {
  Vector p = splat(7.0376836292e-2f);
  p = p * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  return p * m;
}

// exp, within 2e-7; 0 below -87.3 (so exp(-inf) is 0), saturates above 88.3.
static OCELLI_INLINE Vector vexp(Vector x) {
  const Vector clamped = minimum(splat(88.3f), maximum(splat(-87.3f), x));  // in this order NaN stays NaN
  const Vector magic = splat(12582912.f);  // adding and subtracting 1.5 * 2^23 rounds to the nearest integer
  const Vector n = (clamped * 1.44269504f + magic) - magic;
  Vector r = clamped - n * 0.693145752f;
  r = r - n * 1.42860677e-6f;
  const Vector p = exp_near_zero(r);
  const IntVector exponent = (__builtin_convertvector(n, IntVector) + 127) << 23;
  const Vector result = p * reinterpret_cast<Vector>(exponent);
  return x < splat(-87.3f) ? Vector{} : result;
}

// tanh, absolute error below 2e-7.
static OCELLI_INLINE Vector vtanh(Vector x) {
  const Vector e = vexp(x * 2.f);
  return 1.f - 2.f / (e + 1.f);
}

// erf, absolute error below 3e-7: a rational approximation on [-4, 4], outside of which erf is 1 in float.
static OCELLI_INLINE Vector verf(Vector value) {
  const Vector x = minimum(maximum(value, splat(-4.f)), splat(4.f));
  const Vector s = x * x;
  Vector p = splat(-2.72614225801306e-10f);
  p = p * s + 2.77068142495902e-08f;
  p = p * s - 2.10102402082508e-06f;
  p = p * s - 5.69250639462346e-05f;
  p = p * s - 7.34990630326855e-04f;
  p = p * s - 2.95459980854025e-03f;
  p = p * s - 1.60960333262415e-02f;
  Vector q = splat(-1.45660718464996e-05f);
  q = q * s - 2.13374055278905e-04f;
  q = q * s - 1.68282697438203e-03f;
  q = q * s - 7.37332916720468e-03f;
  q = q * s - 1.42647390514189e-02f;
  return x * p / q;
}

}  // namespace ocelli::OCELLI_ISA
