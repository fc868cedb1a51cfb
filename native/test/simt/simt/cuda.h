#pragma once
// What a kernel's source finds in place of CUDA's headers when the host's compiler builds it for the executor.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "block.h"
#include "numbers.h"
#include "record.h"

#define __global__ inline
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __grid_constant__
#define __restrict__ __restrict
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __constant__ static const

#define threadIdx (::simt::current().lane->thread)
#define blockIdx (::simt::current().index)
#define blockDim (::simt::current().threads)
#define gridDim (::simt::current().grid)
constexpr int warpSize = 32;

struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(8) int2 { int x, y; };
struct alignas(16) int4 { int x, y, z, w; };
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

struct __nv_bfloat16 { uint16_t bits; };
struct __half { uint16_t bits; };
inline __nv_bfloat16 __float2bfloat16(float x) {
  return {static_cast<uint16_t>(::simt::narrow(x, ::simt::kBFloat16, false))};
}
inline float __bfloat162float(__nv_bfloat16 x) { return ::simt::widen(x.bits, ::simt::kBFloat16); }
inline __half __float2half(float x) { return {static_cast<uint16_t>(::simt::narrow(x, ::simt::kHalf, false))}; }
inline float __half2float(__half x) { return ::simt::widen(x.bits, ::simt::kHalf); }

namespace simt {

// A launch copies the arguments once; every thread gets a copy of those, as on a GPU.
template <class Kernel, class... Arguments>
void launch_with(const void* function, dim3 grid, dim3 threads, size_t dynamic_bytes, Kernel kernel, Arguments... arguments) {
  check_launch(function, grid, threads, dynamic_bytes);
  record_launch(function, grid, threads, dynamic_bytes);
  if (!is_dry()) launch(grid, threads, dynamic_bytes, [&] { kernel(arguments...); });
}

}  // namespace simt

// ---- barriers and warps

inline void __syncthreads() { ::simt::current().barrier(0, "__syncthreads"); }
inline int __syncthreads_count(int predicate) {
  return ::simt::current().barrier(predicate, "__syncthreads_count");
}
inline int __syncthreads_or(int predicate) {
  return ::simt::current().barrier(predicate, "__syncthreads_or") != 0;
}
inline int __syncthreads_and(int predicate) {
  return ::simt::current().barrier(predicate == 0, "__syncthreads_and") == 0;
}
inline void __syncwarp(unsigned mask = 0xffffffffu) { ::simt::current().meet(mask, "__syncwarp"); }

namespace simt {

template <class T>
T shuffle(unsigned mask, T value, int source, int width, const char* operation) {
  static_assert(sizeof(T) <= kExchangeBytes && std::is_trivially_copyable_v<T>);
  Block& block = current();
  if (width < 1 || width > kWarp || (width & (width - 1)) != 0)
    block.fail(std::string(operation) + ": a width is a power of two up to 32");
  block.give(mask, &value, sizeof value, operation);
  // The value of a lane that is not in the mask is undefined on a GPU; here it is what that lane gave last, or poison.
  T result;
  memcpy(&result, block.given(source), sizeof result);
  block.release(mask, operation);
  return result;
}

inline unsigned votes(unsigned mask, int predicate, const char* operation) {
  Block& block = current();
  const unsigned char own = predicate != 0;
  block.give(mask, &own, 1, operation);
  unsigned result = 0;
  for (int i = 0; i < kWarp; i++)
    if (mask >> i & 1 && *block.given(i) == 1) result |= 1u << i;
  block.release(mask, operation);
  return result;
}

}  // namespace simt

template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32) {
  const int lane = ::simt::current().lane->lane;
  return ::simt::shuffle(mask, value, (lane & ~(width - 1)) | (source & (width - 1)), width, "__shfl_sync");
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int other, int width = 32) {
  const int lane = ::simt::current().lane->lane, source = lane ^ other;
  const bool inside = (source & ~(width - 1)) <= (lane & ~(width - 1));
  return ::simt::shuffle(mask, value, inside ? source & 31 : lane, width, "__shfl_xor_sync");
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned distance, int width = 32) {
  const int lane = ::simt::current().lane->lane;
  const bool inside = (lane & (width - 1)) + static_cast<int>(distance) < width;
  return ::simt::shuffle(mask, value, inside ? lane + static_cast<int>(distance) : lane, width, "__shfl_down_sync");
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned distance, int width = 32) {
  const int lane = ::simt::current().lane->lane;
  const bool inside = (lane & (width - 1)) >= static_cast<int>(distance);
  return ::simt::shuffle(mask, value, inside ? lane - static_cast<int>(distance) : lane, width, "__shfl_up_sync");
}
inline unsigned __ballot_sync(unsigned mask, int predicate) { return ::simt::votes(mask, predicate, "__ballot_sync"); }
inline int __any_sync(unsigned mask, int predicate) { return ::simt::votes(mask, predicate, "__any_sync") != 0; }
inline int __all_sync(unsigned mask, int predicate) { return ::simt::votes(mask, predicate == 0, "__all_sync") == 0; }

// ---- atomics: blocks run on several threads of the host

namespace simt {

template <class T, class Change>
T change_atomically(T* at, const Change& change) {
  T before, after;
  __atomic_load(at, &before, __ATOMIC_RELAXED);
  do after = change(before);
  while (!__atomic_compare_exchange(at, &before, &after, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
  return before;
}

}  // namespace simt

template <class T>
T atomicAdd(T* at, T value) {
  return ::simt::change_atomically(at, [&](T before) { return before + value; });
}
template <class T>
T atomicMax(T* at, T value) {
  return ::simt::change_atomically(at, [&](T before) { return before > value ? before : value; });
}
template <class T>
T atomicMin(T* at, T value) {
  return ::simt::change_atomically(at, [&](T before) { return before < value ? before : value; });
}
template <class T>
T atomicExch(T* at, T value) {
  return ::simt::change_atomically(at, [&](T) { return value; });
}
template <class T>
T atomicCAS(T* at, T expected, T value) {
  return ::simt::change_atomically(at, [&](T before) { return before == expected ? value : before; });
}
inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence_block() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

// ---- arithmetic. The fast forms differ from a GPU's in the last bits; tolerances must allow for that.

template <class T>
T __ldg(const T* at) { return *at; }
inline float __expf(float x) { return std::exp(x); }
inline float __logf(float x) { return std::log(x); }
inline float __fdividef(float a, float b) { return a / b; }
inline float rsqrtf(float x) { return 1 / std::sqrt(x); }
inline float __frcp_rn(float x) { return 1 / x; }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline unsigned __float_as_uint(float x) { return ::simt::bits_of(x); }
inline float __uint_as_float(unsigned x) { return ::simt::float_of(x); }
inline int __float_as_int(float x) { return static_cast<int>(::simt::bits_of(x)); }
inline float __int_as_float(int x) { return ::simt::float_of(static_cast<unsigned>(x)); }
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(static_cast<unsigned>(x)); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>(uint64_t{a} * b >> 32); }
using std::max;
using std::min;
