#pragma once
// A register of 16-bit floats from and to float32. To: nearest even; what is too large becomes infinity, NaN stays NaN.
#include "vector.h"

#if defined(__F16C__) && (OCELLI_VECTOR_WIDTH == 8 || defined(__AVX512F__))
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace ocelli::OCELLI_ISA {

typedef uint32_t Words __attribute__((vector_size(kWidth * 4)));
typedef uint16_t Halves __attribute__((vector_size(kWidth * 2)));

static OCELLI_INLINE Words bits_of(Vector x) { return reinterpret_cast<Words>(x); }
static OCELLI_INLINE Vector float_of(Words bits) { return reinterpret_cast<Vector>(bits); }

static OCELLI_INLINE Vector from_bfloat16(Halves x) { return float_of(__builtin_convertvector(x, Words) << 16); }

static OCELLI_INLINE Halves to_bfloat16(Vector x) {
  const Words bits = bits_of(x);
  const Words rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  const Words half = x == x ? rounded : (bits >> 16) | 0x40;  // rounding could turn NaN into infinity
  return __builtin_convertvector(half, Halves);
}

// float16 has instructions of its own where the compiler may use them; the last way is for the others.
static OCELLI_INLINE Vector from_float16(Halves x) {
#if defined(__F16C__) && OCELLI_VECTOR_WIDTH == 8
  return _mm256_cvtph_ps(reinterpret_cast<__m128i>(x));
#elif defined(__AVX512F__) && OCELLI_VECTOR_WIDTH == 16
  return _mm512_maskz_cvtph_ps(0xffff, reinterpret_cast<__m256i>(x));
#elif defined(__aarch64__)
  return reinterpret_cast<Vector>(vcvt_f32_f16(reinterpret_cast<float16x4_t>(x)));
#else
  const Words half = __builtin_convertvector(x, Words);
  const Words sign = (half & 0x8000) << 16, size = half & 0x7fff;
  const Words normal = (size << 13) + (112u << 23);
  const Words subnormal = bits_of(float_of(size | 0x3f000000) - 0.5f);  // 2^-24 is the last place of 0.5
  const Words finite = size < 0x400 ? subnormal : normal;
  return float_of((size >= 0x7c00 ? (size << 13) | 0x7f800000 : finite) | sign);
#endif
}

static OCELLI_INLINE Halves to_float16(Vector x) {
  const Words bits = bits_of(x);
  const Words sign = (bits >> 16) & 0x8000, size = bits & 0x7fffffff;
  const Words normal = (size - (112u << 23) + 0xfff + ((size >> 13) & 1)) >> 13;
  const Words subnormal = bits_of(float_of(size) + 0.5f) - 0x3f000000;
  Words half = size < 0x38800000 ? subnormal : normal;     // below 2^-14
  half = size >= 0x47800000 ? (half & 0) + 0x7c00 : half;  // from 2^16; what rounds up to it carries by itself
  half = x == x ? half : 0x7e00 | ((size >> 13) & 0x3ff);
  return __builtin_convertvector(half | sign, Halves);
}

}  // namespace ocelli::OCELLI_ISA
