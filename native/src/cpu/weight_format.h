#pragma once
// How a frozen weight [outputs, inputs] is stored: in panels [inputs][kPanel of the outputs], in one of three types.
//
// The kernels compute in float32 whatever the type. A panel of a narrow type is widened into L1 when three or more rows
// share it, and in registers for fewer; the values and the order of sums are the same.
#include "gemm_pack.h"

namespace ocelli::OCELLI_ISA {

enum class WeightFormat { float32, bfloat16, int8 };

typedef uint16_t Shorts __attribute__((vector_size(kWidth * 2), aligned(2), may_alias));
typedef int8_t Bytes __attribute__((vector_size(kWidth), aligned(1), may_alias));
typedef uint32_t Words __attribute__((vector_size(kWidth * 4)));

// float32: as it is.
struct FloatWeights {
  static constexpr bool kIsWide = true;
  const float* data;
  OCELLI_INLINE Vector at(int64_t i) const { return load(data + i); }
  OCELLI_INLINE const float* widened(int64_t i, int64_t, float*) const { return data + i; }
};

template <class Weights>
static OCELLI_INLINE const float* widen(const Weights& weights, int64_t begin, int64_t count, float* to) {
  for (int64_t i = 0; i < count; i += kWidth) store(to + i, weights.at(begin + i));
  return to;
}

// bfloat16: the upper half of a float32.
struct ShortWeights {
  static constexpr bool kIsWide = false;
  const uint16_t* data;
  OCELLI_INLINE Vector at(int64_t i) const {
    const Shorts half = *reinterpret_cast<const Shorts*>(data + i);
    return reinterpret_cast<Vector>(__builtin_convertvector(half, Words) << 16);
  }
  OCELLI_INLINE const float* widened(int64_t i, int64_t count, float* to) const { return widen(*this, i, count, to); }
};

// int8: whole numbers from -127 to 127; a factor per output is applied to the sum.
struct ByteWeights {
  static constexpr bool kIsWide = false;
  const int8_t* data;
  OCELLI_INLINE Vector at(int64_t i) const {
    return __builtin_convertvector(*reinterpret_cast<const Bytes*>(data + i), Vector);
  }
  OCELLI_INLINE const float* widened(int64_t i, int64_t count, float* to) const { return widen(*this, i, count, to); }
};

// Calls body with the weights of a tensor in its own type.
template <class Body>
static OCELLI_INLINE void with_weights(const void* data, WeightFormat format, const Body& body) {
  switch (format) {
    case WeightFormat::float32: return body(FloatWeights{static_cast<const float*>(data)});
    case WeightFormat::bfloat16: return body(ShortWeights{static_cast<const uint16_t*>(data)});
    case WeightFormat::int8: return body(ByteWeights{static_cast<const int8_t*>(data)});
  }
}

// The narrow types from float32: bfloat16 rounds to nearest even and keeps NaN.
static OCELLI_INLINE uint16_t to_bfloat16(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  if (x != x) return static_cast<uint16_t>(bits >> 16 | 0x40);
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static OCELLI_INLINE float from_bfloat16(uint16_t half) {
  const uint32_t bits = static_cast<uint32_t>(half) << 16;
  float x;
  memcpy(&x, &bits, 4);
  return x;
}

// 0 where the factor is not a positive number: it is 0, infinite or NaN then, and so will the product be.
static OCELLI_INLINE int8_t to_int8(float x, float factor) {
  const bool finite = factor > 0 && factor < __builtin_inff();
  return finite ? static_cast<int8_t>(__builtin_rintf(x / factor)) : 0;
}

}  // namespace ocelli::OCELLI_ISA
