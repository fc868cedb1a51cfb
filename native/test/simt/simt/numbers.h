#pragma once
// The narrow floating-point types of CUDA, rounded as the hardware rounds: to nearest, ties to even.
#include <cmath>
#include <cstdint>
#include <cstring>

namespace simt {

inline uint32_t bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  return bits;
}

inline float float_of(uint32_t bits) {
  float x;
  memcpy(&x, &bits, 4);
  return x;
}

// How a narrow type lays out its bits. `finite`: no infinity, and only all ones is NaN (fp8 e4m3).
struct Format {
  int exponent, mantissa;
  bool finite;
};

constexpr Format kHalf{5, 10, false}, kBFloat16{8, 7, false}, kE4M3{4, 3, true}, kE5M2{5, 2, false};

// The bits of x in a narrow format. `saturate`: the largest finite number in place of infinity, as __NV_SATFINITE.
inline uint32_t narrow(float x, Format format, bool saturate) {
  const int bias = (1 << (format.exponent - 1)) - 1;
  const uint32_t sign = bits_of(x) >> 31 << (format.exponent + format.mantissa);
  const uint32_t ones = (1u << format.exponent) - 1, fraction = (1u << format.mantissa) - 1;
  if (std::isnan(x)) return format.finite ? sign | ones << format.mantissa | fraction : (ones << format.mantissa | fraction);
  const uint32_t largest = format.finite ? (ones << format.mantissa | fraction) - 1 : (ones << format.mantissa) - 1;
  const uint32_t overflow = saturate ? largest : format.finite ? largest + 1 : ones << format.mantissa;
  const double value = std::fabs(static_cast<double>(x));
  if (value == 0) return sign;
  if (std::isinf(x)) return sign | overflow;
  int power;
  std::frexp(value, &power);
  const int exponent = power - 1 < 1 - bias ? 1 - bias : power - 1;  // subnormal numbers share the smallest one
  // In units of the last place this is a whole number after rounding; nearbyint rounds ties to even.
  const double units = std::nearbyint(std::ldexp(value, format.mantissa - exponent));
  const uint64_t whole = static_cast<uint64_t>(units);
  // Adding, not joining: a mantissa that rounds up to the next power of two carries into the exponent.
  const int64_t result =
      (static_cast<int64_t>(exponent + bias - 1) << format.mantissa) + static_cast<int64_t>(whole);
  return sign | (result > largest ? overflow : static_cast<uint32_t>(result));
}

inline float widen(uint32_t bits, Format format) {
  const int bias = (1 << (format.exponent - 1)) - 1;
  const uint32_t ones = (1u << format.exponent) - 1;
  const uint32_t mantissa = bits & ((1u << format.mantissa) - 1);
  const uint32_t exponent = bits >> format.mantissa & ones;
  const bool negative = bits >> (format.exponent + format.mantissa) & 1;
  double value;
  if (format.finite ? exponent == ones && mantissa == (1u << format.mantissa) - 1 : exponent == ones && mantissa != 0)
    return float_of(0x7fffffff);
  if (!format.finite && exponent == ones) value = INFINITY;
  else if (exponent == 0) value = std::ldexp(static_cast<double>(mantissa), 1 - bias - format.mantissa);
  else value = std::ldexp(static_cast<double>(mantissa | 1u << format.mantissa), static_cast<int>(exponent) - bias - format.mantissa);
  return static_cast<float>(negative ? -value : value);
}

// What tensor cores see of a float32 in tf32: the low 13 bits are not read.
inline float tf32_seen(float x) { return float_of(bits_of(x) & 0xffffe000u); }

// cvt.rna.tf32.f32: to nearest, ties away from zero.
inline float tf32_rounded(float x) {
  if (std::isnan(x) || std::isinf(x)) return x;
  return float_of((bits_of(x) + 0x1000u) & 0xffffe000u);
}

}  // namespace simt
