// Conversion between element types.
//
// convert   tensors source[n], target[n]      scalars n, from, to
//   Types: 0 float32, 1 bfloat16, 2 float16, 3 int32, 4 uint8, 5 int64, 6 float64; the last two only as `from`.
//   Half types round to nearest even; what is too large becomes infinity and NaN stays NaN. Real to integer cuts the
//   fraction off and saturates; NaN becomes 0. int64 to int32 raises KernelError where a value does not fit.
#include "kernels.h"
#include "ocelli/kernel_error.h"
#include "simd/fold.h"

namespace ocelli::OCELLI_ISA {
namespace {

OCELLI_INLINE uint32_t bits_of(float x) { return __builtin_bit_cast(uint32_t, x); }
OCELLI_INLINE float float_of(uint32_t bits) { return __builtin_bit_cast(float, bits); }

// One struct per type: its storage, and the way from and to float32. No branches, so that the loops vectorise.
struct Float32 {
  using Storage = float;
  static OCELLI_INLINE float read(float x) { return x; }
  static OCELLI_INLINE float write(float x) { return x; }
};

struct BFloat16 {
  using Storage = uint16_t;
  static OCELLI_INLINE float read(uint16_t x) { return float_of(static_cast<uint32_t>(x) << 16); }
  static OCELLI_INLINE uint16_t write(float x) {
    const uint32_t bits = bits_of(x);
    const uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
    const uint32_t quiet = (bits >> 16) | 0x40;
    return static_cast<uint16_t>((bits & 0x7fffffff) > 0x7f800000 ? quiet : rounded);
  }
};

struct Float16 {
  using Storage = uint16_t;
  static OCELLI_INLINE float read(uint16_t x) {
    const uint32_t sign = static_cast<uint32_t>(x & 0x8000) << 16, size = x & 0x7fff;
    const uint32_t normal = (size << 13) + (112u << 23);
    const uint32_t subnormal = bits_of(float_of(size | 0x3f000000) - 0.5f);  // size * 2^-24: the unit in the last place of 0.5
    const uint32_t special = (size << 13) | 0x7f800000;
    const uint32_t finite = size < 0x400 ? subnormal : normal;
    return float_of((size >= 0x7c00 ? special : finite) | sign);
  }
  static OCELLI_INLINE uint16_t write(float x) {
    const uint32_t bits = bits_of(x);
    const uint32_t sign = (bits >> 16) & 0x8000, size = bits & 0x7fffffff;
    const uint32_t normal = (size - (112u << 23) + 0xfff + ((size >> 13) & 1)) >> 13;
    const uint32_t subnormal = bits_of(float_of(size) + 0.5f) - 0x3f000000;
    uint32_t half = size < 0x38800000 ? subnormal : normal;      // below 2^-14
    half = size >= 0x47800000 ? 0x7c00 : half;                   // from 2^16; what rounds up to it carries by itself
    half = size > 0x7f800000 ? 0x7e00 | ((size >> 13) & 0x3ff) : half;
    return static_cast<uint16_t>(half | sign);
  }
};

struct Int32 {
  using Storage = int32_t;
  static OCELLI_INLINE float read(int32_t x) { return static_cast<float>(x); }
  static OCELLI_INLINE int32_t write(float x) {
    const float low = x < -2147483648.f ? -2147483648.f : x;
    const int32_t whole = static_cast<int32_t>(low < 2147483648.f ? low : 0.f);  // NaN takes the 0
    return low >= 2147483648.f ? 2147483647 : whole;
  }
};

struct UInt8 {
  using Storage = uint8_t;
  static OCELLI_INLINE float read(uint8_t x) { return static_cast<float>(static_cast<int32_t>(x)); }
  static OCELLI_INLINE uint8_t write(float x) {
    const float low = x > 0.f ? x : 0.f;
    return static_cast<uint8_t>(static_cast<int32_t>(low < 255.f ? low : 255.f));
  }
};

struct Int64 {
  using Storage = int64_t;
  static OCELLI_INLINE float read(int64_t x) { return static_cast<float>(x); }
};

struct Float64 {
  using Storage = double;
  static OCELLI_INLINE float read(double x) { return static_cast<float>(x); }
};

template <class From, class To>
void convert_types(const Call& call) {
  const typename From::Storage* __restrict source = call.tensor<typename From::Storage>(0);
  typename To::Storage* __restrict target = call.tensor<typename To::Storage>(1);
  parallel_blocks(call.pool, call.size(0), kBlock, [&](int64_t begin, int64_t end) {
    const typename From::Storage* __restrict from = source + begin;
    typename To::Storage* __restrict to = target + begin;
    for (int64_t i = 0; i < end - begin; i++) to[i] = To::write(From::read(from[i]));
  });
}

template <class From>
void convert_from(const Call& call) {
  switch (call.size(2)) {
    case 0: return convert_types<From, Float32>(call);
    case 1: return convert_types<From, BFloat16>(call);
    case 2: return convert_types<From, Float16>(call);
    case 3: return convert_types<From, Int32>(call);
    case 4: return convert_types<From, UInt8>(call);
  }
}

void int64_to_int32(const Call& call) {
  const int64_t* source = call.tensor<int64_t>(0);
  int32_t* target = call.tensor<int32_t>(1);
  const int64_t n = call.size(0), blocks = (n + kBlock - 1) / kBlock;
  uint32_t* misfits = reinterpret_cast<uint32_t*>(thread_scratch(Scratch::row, blocks + 1));
  parallel_blocks(call.pool, n, kBlock, [&](int64_t begin, int64_t end) {
    uint32_t misfit = 0;
    for (int64_t i = begin; i < end; i++) {
      target[i] = static_cast<int32_t>(source[i]);
      misfit |= target[i] != source[i];
    }
    misfits[begin / kBlock] = misfit;
  });
  for (int64_t block = 0; block < blocks; block++) {
    if (!misfits[block]) continue;
    int64_t i = block * kBlock;
    while (target[i] == source[i]) i++;
    KernelError::raise("value %lld at position %lld does not fit in int32", static_cast<long long>(source[i]),
                       static_cast<long long>(i));
  }
}

}  // namespace

void convert(const Call& call) {
  switch (call.size(1)) {
    case 0: return convert_from<Float32>(call);
    case 1: return convert_from<BFloat16>(call);
    case 2: return convert_from<Float16>(call);
    case 3: return convert_from<Int32>(call);
    case 4: return convert_from<UInt8>(call);
    case 5: return call.size(2) == 3 ? int64_to_int32(call) : convert_from<Int64>(call);
    case 6: return convert_from<Float64>(call);
  }
}

}  // namespace ocelli::OCELLI_ISA
