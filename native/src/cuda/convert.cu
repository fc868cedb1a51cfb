// convert: the twin of src/cpu/convert.cpp's.
//
// Bound by bytes. A thread has as many neighbours as fill 16 bytes of the wider type.
#include "elements.cuh"
#include "kernels.h"

namespace ocelli::cuda {

namespace {

// The way of each type to float32 and back.
__device__ __forceinline__ float to_float(float x) { return x; }
__device__ __forceinline__ float to_float(__nv_bfloat16 x) { return __bfloat162float(x); }
__device__ __forceinline__ float to_float(__half x) { return __half2float(x); }
__device__ __forceinline__ float to_float(int32_t x) { return static_cast<float>(x); }
__device__ __forceinline__ float to_float(uint8_t x) { return static_cast<float>(x); }
__device__ __forceinline__ float to_float(int64_t x) { return static_cast<float>(x); }
__device__ __forceinline__ float to_float(double x) { return static_cast<float>(x); }

template <class To>
struct NumberOf;
template <>
struct NumberOf<float> {
  static __device__ __forceinline__ float from(float x) { return x; }
};
template <>
struct NumberOf<__nv_bfloat16> {
  static __device__ __forceinline__ __nv_bfloat16 from(float x) { return __float2bfloat16(x); }
};
template <>
struct NumberOf<__half> {
  static __device__ __forceinline__ __half from(float x) { return __float2half(x); }
};
template <>
struct NumberOf<int32_t> {
  static __device__ __forceinline__ int32_t from(float x) {
    if (!(x == x)) return 0;
    if (x >= 2147483648.f) return 2147483647;
    return x <= -2147483648.f ? -2147483647 - 1 : static_cast<int32_t>(x);
  }
};
template <>
struct NumberOf<uint8_t> {
  static __device__ __forceinline__ uint8_t from(float x) {
    return static_cast<uint8_t>(static_cast<int>(x > 0.f ? x < 255.f ? x : 255.f : 0.f));  // NaN takes the 0
  }
};

template <class To>
struct Converted {
  template <class T>
  __device__ To operator()(T x) const {
    return NumberOf<To>::from(to_float(x));
  }
};

template <class Source, class To>
void convert_types(const Call& call) {
  map_elements(*call.stream, call.size(0), Converted<To>{}, call.tensor<To>(1), static_cast<const Source*>(call.tensor<Source>(0)));
}

template <class Source>
void convert_from(const Call& call) {
  switch (call.size(2)) {
    case 0: return convert_types<Source, float>(call);
    case 1: return convert_types<Source, __nv_bfloat16>(call);
    case 2: return convert_types<Source, __half>(call);
    case 3: return convert_types<Source, int32_t>(call);
    case 4: return convert_types<Source, uint8_t>(call);
  }
}

void int64_to_int32(const Call& call) {
  const int64_t* source = call.tensor<int64_t>(0);
  int32_t* target = call.tensor<int32_t>(1);
  const Reporter reporter = call.stream->reporter();
  for_elements(*call.stream, call.size(0), [=] __device__(int64_t i) {
    const int64_t value = source[i];
    const bool fits = value == static_cast<int32_t>(value);
    if (!fits) reporter.raise(Fault::number_outside, value, i);
    target[i] = fits ? static_cast<int32_t>(value) : 0;
  });
}

}  // namespace

void convert(const Call& call) {
  switch (call.size(1)) {
    case 0: return convert_from<float>(call);
    case 1: return convert_from<__nv_bfloat16>(call);
    case 2: return convert_from<__half>(call);
    case 3: return convert_from<int32_t>(call);
    case 4: return convert_from<uint8_t>(call);
    case 5: return call.size(2) == 3 ? int64_to_int32(call) : convert_from<int64_t>(call);
    case 6: return convert_from<double>(call);
  }
}

}  // namespace ocelli::cuda
