#pragma once
// One register of floats, in GCC/Clang vector extensions, so that one source serves every instruction set. Each file
// under src/cpu is compiled once per set, in the namespace OCELLI_ISA; nothing here may have linkage outside of it (an
// inline function shared between sets would let the linker pick the AVX-512 copy for a machine without AVX-512).
#include <cstdint>
#include <cstring>

#include "ocelli/kernel.h"

#if defined(OCELLI_VECTOR_WIDTH)
// chosen by the build: a test of the 16-lane code
#elif defined(__AVX512F__)
#define OCELLI_VECTOR_WIDTH 16
#elif defined(__AVX2__)
#define OCELLI_VECTOR_WIDTH 8
#else
#define OCELLI_VECTOR_WIDTH 4
#endif

namespace ocelli::OCELLI_ISA {

constexpr int kWidth = OCELLI_VECTOR_WIDTH;

typedef float Vector __attribute__((vector_size(kWidth * 4)));
typedef int32_t IntVector __attribute__((vector_size(kWidth * 4)));
typedef float UnalignedVector __attribute__((vector_size(kWidth * 4), aligned(4), may_alias));

static OCELLI_INLINE Vector load(const float* p) { return *reinterpret_cast<const UnalignedVector*>(p); }
static OCELLI_INLINE void store(float* p, Vector v) { *reinterpret_cast<UnalignedVector*>(p) = v; }
static OCELLI_INLINE Vector splat(float x) { return x - Vector{}; }
static OCELLI_INLINE Vector maximum(Vector a, Vector b) { return a > b ? a : b; }
static OCELLI_INLINE Vector minimum(Vector a, Vector b) { return a < b ? a : b; }

// The first n (< kWidth) floats; the rest of the register is `fill`.
static OCELLI_INLINE Vector load_tail(const float* p, int64_t n, float fill = 0) {
  alignas(64) float buffer[kWidth];
  for (int i = 0; i < kWidth; i++) buffer[i] = i < n ? p[i] : fill;
  return load(buffer);
}
static OCELLI_INLINE void store_tail(float* p, Vector v, int64_t n) {
  alignas(64) float buffer[kWidth];
  store(buffer, v);
  for (int64_t i = 0; i < n; i++) p[i] = buffer[i];
}

static OCELLI_INLINE float sum_lanes(Vector v) {
  float total[kWidth];
  store(total, v);
  for (int step = kWidth / 2; step > 0; step /= 2)
    for (int i = 0; i < step; i++) total[i] += total[i + step];
  return total[0];
}
static OCELLI_INLINE float max_lanes(Vector v) {
  float best[kWidth];
  store(best, v);
  for (int step = kWidth / 2; step > 0; step /= 2)
    for (int i = 0; i < step; i++) best[i] = best[i] > best[i + step] ? best[i] : best[i + step];
  return best[0];
}

// Calls body(offset, count) for each register's worth of [0, n): count is kWidth except in the tail.
template <class Body>
static OCELLI_INLINE void for_each_vector(int64_t n, Body body) {
  int64_t i = 0;
  for (; i + kWidth <= n; i += kWidth) body(i, static_cast<int64_t>(kWidth));
  if (i < n) body(i, n - i);
}
static OCELLI_INLINE Vector load_part(const float* p, int64_t count, float fill = 0) {
  return count == kWidth ? load(p) : load_tail(p, count, fill);
}
static OCELLI_INLINE void store_part(float* p, Vector v, int64_t count) {
  if (count == kWidth) store(p, v);
  else store_tail(p, v, count);
}

// Hands items to the pool; the lambda is called as body(item) on any thread.
template <class Body>
static OCELLI_INLINE void parallel_for(ThreadPool& pool, int64_t items, const Body& body) {
  struct Thunk {
    static void call(void* context, int64_t item) { (*static_cast<const Body*>(context))(item); }
  };
  if (items == 1) body(static_cast<int64_t>(0));
  else if (items > 0) pool.run(items, &Thunk::call, const_cast<void*>(static_cast<const void*>(&body)));
}

// Cuts [0, n) into blocks of `block` and hands them out as body(begin, end).
template <class Body>
static OCELLI_INLINE void parallel_blocks(ThreadPool& pool, int64_t n, int64_t block, const Body& body) {
  if (block < 1) block = 1;
  auto one = [&](int64_t item) {
    const int64_t begin = item * block;
    body(begin, begin + block < n ? begin + block : n);
  };
  parallel_for(pool, (n + block - 1) / block, one);
}

}  // namespace ocelli::OCELLI_ISA
