// Elementwise arithmetic of two tensors.
//
// binary        tensors a[outer, middle, inner], b[outer, inner], y (of a's shape); y may be a
//               scalars outer, middle, inner, operation: 0 a + b, 1 a - b, 2 a * b, 3 a / b
//   b is repeated along middle. Equal shapes: (1, 1, n); a suffix such as a bias: (1, rows, width); a column such as
//   [rows, 1]: (rows, width, 1); a vector per sample: (batch, tokens, width).
// expand        tensors b[outer, inner], y[outer, middle, inner]; y = scale * b, repeated along middle
//               scalars outer, middle, inner, scale
// scale_add     tensors a[n], b?[n], y[n]; y = alpha a + beta b + gamma; y may be a or b
//               scalars n, alpha, beta, gamma
// accumulate    tensors sum[n], x[n]; sum += x
//               scalars n
#include "kernels.h"
#include "simd/fold.h"

namespace ocelli::OCELLI_ISA {
namespace {

struct Add {
  static OCELLI_INLINE Vector of(Vector a, Vector b) { return a + b; }
};
struct Subtract {
  static OCELLI_INLINE Vector of(Vector a, Vector b) { return a - b; }
};
struct Multiply {
  static OCELLI_INLINE Vector of(Vector a, Vector b) { return a * b; }
};
struct Divide {
  static OCELLI_INLINE Vector of(Vector a, Vector b) { return a / b; }
};

// Cuts [outer, middle, inner] into runs along which b[outer, inner] either stands still (inner = 1) or advances too:
// stand(offset, b's offset, length) and advance(offset, b's offset, length).
template <class Stand, class Advance>
OCELLI_INLINE void for_runs(const Call& call, Stand stand, Advance advance) {
  const int64_t outer = call.size(0), middle = call.size(1), inner = call.size(2);
  const bool still = inner == 1;
  const int64_t run = still ? middle : inner;
  parallel_blocks(call.pool, outer * middle * inner, kBlock, [&](int64_t begin, int64_t end) {
    while (begin < end) {
      const int64_t row = begin / run, column = begin - row * run;
      const int64_t length = run - column < end - begin ? run - column : end - begin;
      if (still) stand(begin, row, length);
      else advance(begin, row / middle * inner + column, length);
      begin += length;
    }
  });
}

template <class Operation>
void binary_of(const Call& call) {
  const float* a = call.tensor(0);
  const float* b = call.tensor(1);
  float* y = call.tensor(2);
  auto stand = [&](int64_t offset, int64_t b_offset, int64_t length) OCELLI_HOT {
    const Vector value = splat(b[b_offset]);
    for_each_vector(length, [&](int64_t i, int64_t count) OCELLI_HOT {
      store_part(y + offset + i, Operation::of(load_part(a + offset + i, count), value), count);
    });
  };
  auto advance = [&](int64_t offset, int64_t b_offset, int64_t length) OCELLI_HOT {
    for_each_vector(length, [&](int64_t i, int64_t count) OCELLI_HOT {
      const Vector other = load_part(b + b_offset + i, count, 1);
      store_part(y + offset + i, Operation::of(load_part(a + offset + i, count), other), count);
    });
  };
  for_runs(call, stand, advance);
}

}  // namespace

void binary(const Call& call) {
  switch (call.size(3)) {
    case 0: return binary_of<Add>(call);
    case 1: return binary_of<Subtract>(call);
    case 2: return binary_of<Multiply>(call);
    case 3: return binary_of<Divide>(call);
  }
}

void expand(const Call& call) {
  const float* b = call.tensor(0);
  float* y = call.tensor(1);
  const float scale = call.real(3);
  auto stand = [&](int64_t offset, int64_t b_offset, int64_t length) OCELLI_HOT {
    const Vector value = splat(b[b_offset] * scale);
    for_each_vector(length, [&](int64_t i, int64_t count) OCELLI_HOT { store_part(y + offset + i, value, count); });
  };
  auto advance = [&](int64_t offset, int64_t b_offset, int64_t length) OCELLI_HOT {
    for_each_vector(length, [&](int64_t i, int64_t count) OCELLI_HOT {
      store_part(y + offset + i, load_part(b + b_offset + i, count) * scale, count);
    });
  };
  for_runs(call, stand, advance);
}

void scale_add(const Call& call) {
  const float* a = call.tensor(0);
  const float* b = call.tensor(1);
  float* y = call.tensor(2);
  const float alpha = call.real(1), beta = call.real(2), gamma = call.real(3);
  parallel_blocks(call.pool, call.size(0), kBlock, [&](int64_t begin, int64_t end) {
    if (b)
      for_each_vector(end - begin, [&](int64_t i, int64_t count) OCELLI_HOT {
        const Vector sum = load_part(a + begin + i, count) * alpha + load_part(b + begin + i, count) * beta;
        store_part(y + begin + i, sum + gamma, count);
      });
    else
      for_each_vector(end - begin, [&](int64_t i, int64_t count) OCELLI_HOT {
        store_part(y + begin + i, load_part(a + begin + i, count) * alpha + gamma, count);
      });
  });
}

void accumulate(const Call& call) {
  float* sum = call.tensor(0);
  const float* x = call.tensor(1);
  parallel_blocks(call.pool, call.size(0), kBlock, [&](int64_t begin, int64_t end) {
    for_each_vector(end - begin, [&](int64_t i, int64_t count) OCELLI_HOT {
      store_part(sum + begin + i, load_part(sum + begin + i, count) + load_part(x + begin + i, count), count);
    });
  });
}

}  // namespace ocelli::OCELLI_ISA
