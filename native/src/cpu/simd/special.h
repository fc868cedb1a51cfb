#pragma once
// What math.h leaves open at the edges.
#include "math.h"

namespace ocelli::OCELLI_ISA {

// y, or NaN where x is NaN: a clamped argument hides it.
static OCELLI_INLINE Vector keep_nan(Vector x, Vector y) { return x == x ? y : x; }

static OCELLI_INLINE Vector exp_or_nan(Vector x) { return keep_nan(x, vexp(x)); }

static OCELLI_INLINE Vector square_root(Vector x) {
  Vector y;
  for (int i = 0; i < kWidth; i++) y[i] = __builtin_sqrtf(x[i]);
  return y;
}

}  // namespace ocelli::OCELLI_ISA
