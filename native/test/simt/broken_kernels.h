#pragma once
// Kernels that break a rule which a GPU does not check.
#include <string>
#include <vector>

#include "sample_kernels.cuh"

namespace broken {

namespace ptx = ocelli::cuda::ptx;

struct Case {
  const char* name;
  void (*kernel)(float*);
  int threads;
  const char* message;  // part of the error
};

inline void half_the_threads_at_a_barrier(float* out) {
  if (threadIdx.x < 16) __syncthreads();
  else out[0] = __shfl_xor_sync(0xffffffffu, 1.f, 1);
}
inline void a_mask_that_others_do_not_have(float* out) {
  const unsigned mask = threadIdx.x % 2 ? 0xffffffffu : 0x55555555u;
  out[threadIdx.x] = __shfl_xor_sync(mask, 1.f, 2);
}
inline void a_mask_without_oneself(float* out) { out[threadIdx.x] = __shfl_sync(0x1u, 1.f, 0); }
inline void two_operations_at_once(float* out) {
  if (threadIdx.x % 2) out[threadIdx.x] = __shfl_sync(0xffffffffu, 1.f, 0);
  else out[threadIdx.x] = static_cast<float>(__ballot_sync(0xffffffffu, 1));
}
inline void a_copy_to_an_odd_address(float* out) {
  OCELLI_DYNAMIC_SHARED(shared, float);
  ptx::copy_async_16(&shared[threadIdx.x * 4 + 1], out);
  ptx::commit_copies();
  ptx::wait_copies<0>();
}
inline void an_end_with_open_copies(float* out) {
  OCELLI_DYNAMIC_SHARED(shared, float);
  ptx::copy_async_16(&shared[threadIdx.x * 4], out);
  ptx::commit_copies();
}
inline void matrices_at_odd_rows(float* out) {
  OCELLI_DYNAMIC_SHARED(shared, uint16_t);
  uint32_t registers[4];
  ptx::load_matrices_4(registers, &shared[threadIdx.x * 9]);
  out[threadIdx.x] = static_cast<float>(registers[0]);
}
inline void tensor_cores_in_half_a_warp(float* out) {
  float sums[4] = {};
  const uint32_t a[4] = {}, b[2] = {};
  ptx::multiply_bfloat16(sums, a, b);
  out[threadIdx.x] = sums[0];
}
inline void a_width_that_is_no_power_of_two(float* out) { out[threadIdx.x] = __shfl_down_sync(0xffffffffu, 1.f, 1, 6); }

inline const std::vector<Case> cases = {
    {"half the threads at a barrier", half_the_threads_at_a_barrier, 32,
     "deadlock, since not every thread gets there: threads 0-15 wait in __syncthreads; threads 16-31 wait in __shfl_xor_sync"},
    {"a mask that others do not have", a_mask_that_others_do_not_have, 32, "disagree on the mask"},
    {"a mask without oneself", a_mask_without_oneself, 32, "the mask does not name the thread"},
    {"two operations at once", two_operations_at_once, 32, "meet in different operations"},
    {"a copy to an odd address", a_copy_to_an_odd_address, 32, "cp.async of 16 bytes"},
    {"an end with open copies", an_end_with_open_copies, 32, "ended with cp.async in flight"},
    {"matrices at odd rows", matrices_at_odd_rows, 32, "ldmatrix: a row is not at a multiple of 16 bytes"},
    {"tensor cores in half a warp", tensor_cores_in_half_a_warp, 16, "fewer than 32 threads"},
    {"a width that is no power of two", a_width_that_is_no_power_of_two, 32, "a width is a power of two"},
    {"too many threads", a_mask_without_oneself, 1025, "1 to 1024 threads, not 1025"},
};

// For a process of its own: AddressSanitizer ends it.
inline void beyond_shared_memory(float* out) {
  OCELLI_DYNAMIC_SHARED(shared, float);
  shared[threadIdx.x] = 1;
  out[0] = shared[0];
}

}  // namespace broken
