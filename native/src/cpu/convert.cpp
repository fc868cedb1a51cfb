// Conversion between element types.
//
// convert   tensors source[n], target[n]      scalars n, from, to
//   Types: 0 float32, 1 bfloat16, 2 float16, 3 int32, 4 uint8, 5 int64, 6 float64; the last two only as `from`.
//   Half types round to nearest even; what is too large becomes infinity and NaN stays NaN. Real to integer cuts the
//   fraction off and saturates; NaN becomes 0. int64 to int32 raises KernelError where a value does not fit.
#include "kernels.h"
#include "ocelli/kernel_error.h"
#include "simd/fold.h"
#include "simd/half.h"

namespace ocelli::OCELLI_ISA {
namespace {

// A register's worth of another type: kWidth elements, whatever their size.
template <class T>
struct LanesOf {
  typedef T Type __attribute__((vector_size(kWidth * sizeof(T))));
};
template <class T>
using Lanes = typename LanesOf<T>::Type;

// One struct per type: its storage, and the way from and to float32.
struct Float32 {
  using Storage = float;
  static OCELLI_INLINE Vector read(Vector x) { return x; }
  static OCELLI_INLINE Vector write(Vector x) { return x; }
};

struct BFloat16 {
  using Storage = uint16_t;
  static OCELLI_INLINE Vector read(Halves x) { return from_bfloat16(x); }
  static OCELLI_INLINE Halves write(Vector x) { return to_bfloat16(x); }
};

struct Float16 {
  using Storage = uint16_t;
  static OCELLI_INLINE Vector read(Halves x) { return from_float16(x); }
  static OCELLI_INLINE Halves write(Vector x) { return to_float16(x); }
};

struct Int32 {
  using Storage = int32_t;
  static OCELLI_INLINE Vector read(IntVector x) { return __builtin_convertvector(x, Vector); }
  static OCELLI_INLINE IntVector write(Vector x) {
    const Vector least = splat(-2147483648.f), above = splat(2147483648.f);
    const Vector low = x < least ? least : x;
    const IntVector whole = __builtin_convertvector(low < above ? low : Vector{}, IntVector);  // NaN takes the 0
    return low >= above ? (whole & 0) + 2147483647 : whole;
  }
};

struct UInt8 {
  using Storage = uint8_t;
  static OCELLI_INLINE Vector read(Lanes<uint8_t> x) {
    return __builtin_convertvector(__builtin_convertvector(x, IntVector), Vector);
  }
  static OCELLI_INLINE Lanes<uint8_t> write(Vector x) {
    const Vector positive = x > 0.f ? x : Vector{};
    return __builtin_convertvector(__builtin_convertvector(minimum(positive, splat(255.f)), IntVector), Lanes<uint8_t>);
  }
};

struct Int64 {
  using Storage = int64_t;
  static OCELLI_INLINE Vector read(const Lanes<int64_t>& x) { return __builtin_convertvector(x, Vector); }
};

struct Float64 {
  using Storage = double;
  static OCELLI_INLINE Vector read(const Lanes<double>& x) { return __builtin_convertvector(x, Vector); }
};

template <class From, class To>
void convert_types(const Call& call) {
  const auto* source = call.tensor<typename From::Storage>(0);
  auto* target = call.tensor<typename To::Storage>(1);
  parallel_blocks(call.pool, call.size(0), kBlock, [&](int64_t begin, int64_t end) {
    for_each_vector(end - begin, [&](int64_t i, int64_t count) OCELLI_HOT {
      Lanes<typename From::Storage> from = {};
      memcpy(&from, source + begin + i, count * sizeof(typename From::Storage));
      const Lanes<typename To::Storage> to = To::write(From::read(from));
      memcpy(target + begin + i, &to, count * sizeof(typename To::Storage));
    });
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
