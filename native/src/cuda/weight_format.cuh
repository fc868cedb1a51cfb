#pragma once
// How a frozen weight [outputs, inputs] is stored on CUDA devices, and how kernels read it.
//
// Row-major, one row for each output, outputs and inputs filled up with zeros to multiples of 64, so that 16-byte loads begin
// and end inside of a row in every format, and any 64 outputs are a weight of their own. The formats' numbers are those of
// src/cpu/weight_format.h:
//
//   format     bits  a number is                           factors
//   float32      32  the weight
//   bfloat16     16  the weight
//   float16      16  the weight
//   int8          8  -127 .. 127, for the sum's factor     [outputs]: max |weight| of an output / 127
//   fp8           8  E4M3, for the sum's factor            the same / 448
//   nf4           4  kNormalFloat4[it], for its factor     [outputs][groups of 64 inputs]: max |weight| of a group
//   fp4           4  kFloat4[it], for its factor           the same / 6
//
// Of two numbers in a byte, the first has the lower bits.
#include "stream.cuh"

namespace ocelli::cuda {

enum class WeightFormat { float32, bfloat16, int8, float16, nf4, fp4, fp8 };

// Whether a sum has a factor, one for each output.
inline bool scales_sums(WeightFormat format) { return format == WeightFormat::int8 || format == WeightFormat::fp8; }

constexpr int kPanel = 64;  // outputs and inputs are filled up to multiples of this
constexpr int kGroup = 64;  // inputs that share a factor of the 4-bit formats
constexpr int kCodes = 16;

__host__ __device__ constexpr int64_t filled_up(int64_t count) { return (count + kPanel - 1) / kPanel * kPanel; }

// The numbers of a 4-bit format by their codes.
struct Levels {
  float of[kCodes];
};

inline Levels levels_of(WeightFormat format) {
  // E2M1 of the Open Compute Project's microscaling formats: a sign, two bits of exponent, one of mantissa.
  if (format == WeightFormat::fp4)
    return {{0.f, 0.5f, 1.f, 1.5f, 2.f, 3.f, 4.f, 6.f, -0.f, -0.5f, -1.f, -1.5f, -2.f, -3.f, -4.f, -6.f}};
  // NormalFloat4 (Dettmers et al., QLoRA, 2023, appendix E): quantiles of the normal distribution, scaled to [-1, 1].
  return {{-1.f, -0.6961928f, -0.52507305f, -0.3949175f, -0.28444138f, -0.18477343f, -0.091050036f, 0.f, 0.0795803f,
           0.1609302f, 0.2461123f, 0.33791524f, 0.44070983f, 0.562617f, 0.72295684f, 1.f}};
}

// Into shared memory, by the block's first threads. A parameter must not be indexed by what only runs know: it would be
// copied to the stack.
__device__ __forceinline__ void share_levels(float* to, const Levels& levels) {
#pragma unroll
  for (int i = 0; i < kCodes; i++)
    if (static_cast<int>(threadIdx.x) == i) to[i] = levels.of[i];
}

__device__ __forceinline__ float half_of(uint32_t bits) {
#ifdef OCELLI_SIMT
  return ::simt::widen(bits & 0xffff, ::simt::kHalf);
#else
  return __half2float(__ushort_as_half(static_cast<unsigned short>(bits)));
#endif
}

// Four numbers that follow each other are what kernels read: a Quad. kExactTf32: each is a tf32 number.
struct Float32Numbers {
  static constexpr int kBits = 32;
  static constexpr bool kExactTf32 = false, kGroups = false;
  using Quad = float4;
  static __device__ __forceinline__ Quad part(const uint4& sixteen, int) {
    return make_float4(__uint_as_float(sixteen.x), __uint_as_float(sixteen.y), __uint_as_float(sixteen.z),
                       __uint_as_float(sixteen.w));
  }
  static __device__ __forceinline__ void widen(float (&to)[4], const Quad& quad, const float*) {
    to[0] = quad.x, to[1] = quad.y, to[2] = quad.z, to[3] = quad.w;
  }
};

struct Numbers16 {
  static constexpr int kBits = 16;
  static constexpr bool kExactTf32 = true, kGroups = false;
  using Quad = uint2;
  static __device__ __forceinline__ Quad part(const uint4& sixteen, int i) {
    return i == 0 ? make_uint2(sixteen.x, sixteen.y) : make_uint2(sixteen.z, sixteen.w);
  }
};

struct BFloat16Numbers : Numbers16 {
  static __device__ __forceinline__ void widen(float (&to)[4], const Quad& quad, const float*) {
    to[0] = __uint_as_float(quad.x << 16), to[1] = __uint_as_float(quad.x & 0xffff0000u);
    to[2] = __uint_as_float(quad.y << 16), to[3] = __uint_as_float(quad.y & 0xffff0000u);
  }
};

struct Float16Numbers : Numbers16 {
  static __device__ __forceinline__ void widen(float (&to)[4], const Quad& quad, const float*) {
    to[0] = half_of(quad.x & 0xffff), to[1] = half_of(quad.x >> 16);
    to[2] = half_of(quad.y & 0xffff), to[3] = half_of(quad.y >> 16);
  }
};

struct Int8Numbers {
  static constexpr int kBits = 8;
  static constexpr bool kExactTf32 = true, kGroups = false;
  using Quad = uint32_t;
  static __device__ __forceinline__ uint32_t word(const uint4& sixteen, int i) {
    return i == 0 ? sixteen.x : i == 1 ? sixteen.y : i == 2 ? sixteen.z : sixteen.w;
  }
  static __device__ __forceinline__ Quad part(const uint4& sixteen, int i) { return word(sixteen, i); }
  static __device__ __forceinline__ void widen(float (&to)[4], Quad quad, const float*) {
#pragma unroll
    for (int i = 0; i < 4; i++) to[i] = static_cast<float>(static_cast<int8_t>(quad >> 8 * i & 0xff));
  }
};

// Exponent and mantissa, put where those of a float32 are, make 2^-120 times the number, subnormal ones too.
struct Fp8Numbers : Int8Numbers {
  static __device__ __forceinline__ void widen(float (&to)[4], Quad quad, const float*) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const uint32_t top = quad << (24 - 8 * i);
      to[i] = __uint_as_float((top & 0x80000000u) | (top >> 4 & 0x07f00000u)) * 0x1p120f;
    }
  }
};

// Sixteen levels in shared memory lie in banks of their own, so no two lanes are in each other's way. The factor is not in.
struct FourBitNumbers {
  static constexpr int kBits = 4;
  static constexpr bool kExactTf32 = false, kGroups = true;
  using Quad = uint16_t;
  static __device__ __forceinline__ Quad part(const uint4& sixteen, int i) {
    return static_cast<Quad>(Int8Numbers::word(sixteen, i / 2) >> i % 2 * 16);
  }
  static __device__ __forceinline__ void widen(float (&to)[4], Quad quad, const float* levels) {
#pragma unroll
    for (int i = 0; i < 4; i++) to[i] = levels[quad >> 4 * i & 15];
  }
};

// Calls body with the numbers of a format.
template <class Body>
void with_numbers(WeightFormat format, const Body& body) {
  switch (format) {
    case WeightFormat::bfloat16: return body(BFloat16Numbers{});
    case WeightFormat::float16: return body(Float16Numbers{});
    case WeightFormat::int8: return body(Int8Numbers{});
    case WeightFormat::fp8: return body(Fp8Numbers{});
    case WeightFormat::nf4:
    case WeightFormat::fp4: return body(FourBitNumbers{});
    default: return body(Float32Numbers{});
  }
}

}  // namespace ocelli::cuda
