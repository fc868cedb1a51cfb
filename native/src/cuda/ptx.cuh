#pragma once
// The instructions of sm_80 and later that C++ has no name for, each with one body for the GPU and one for the executor.
#include "cuda.cuh"

namespace ocelli::cuda::ptx {

// Copies 16 bytes from global to shared memory in the background, or zeros if they are not present.
__device__ __forceinline__ void copy_async_16(void* shared, const void* global, bool present = true) {
#ifdef OCELLI_SIMT
  ::simt::copy_async(shared, global, 16, present);
#else
  const unsigned to = static_cast<unsigned>(__cvta_generic_to_shared(shared));
  const int bytes = present ? 16 : 0;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(to), "l"(global), "r"(bytes) : "memory");
#endif
}

// The same for 4 bytes, where rows are not aligned to more.
__device__ __forceinline__ void copy_async_4(void* shared, const void* global, bool present = true) {
#ifdef OCELLI_SIMT
  ::simt::copy_async(shared, global, 4, present);
#else
  const unsigned to = static_cast<unsigned>(__cvta_generic_to_shared(shared));
  const int bytes = present ? 4 : 0;
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;\n" ::"r"(to), "l"(global), "r"(bytes) : "memory");
#endif
}

// Closes a group of the thread's copies.
__device__ __forceinline__ void commit_copies() {
#ifdef OCELLI_SIMT
  ::simt::commit_copies();
#else
  asm volatile("cp.async.commit_group;\n" ::: "memory");
#endif
}

// Waits until at most the kInFlight newest groups of the thread are open. Others see the copies after a barrier.
template <int kInFlight>
__device__ __forceinline__ void wait_copies() {
#ifdef OCELLI_SIMT
  ::simt::wait_copies(kInFlight);
#else
  asm volatile("cp.async.wait_group %0;\n" ::"n"(kInFlight) : "memory");
#endif
}

// Four 8x8 matrices of 16-bit elements; lane l gives the address of row l % 8 of matrix l / 8.
__device__ __forceinline__ void load_matrices_4(uint32_t (&registers)[4], const void* row) {
#ifdef OCELLI_SIMT
  ::simt::load_matrices(registers, row, 4, false);
#else
  const unsigned at = static_cast<unsigned>(__cvta_generic_to_shared(row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];\n"
               : "=r"(registers[0]), "=r"(registers[1]), "=r"(registers[2]), "=r"(registers[3])
               : "r"(at)
               : "memory");
#endif
}

// The same, each matrix transposed.
__device__ __forceinline__ void load_matrices_4_transposed(uint32_t (&registers)[4], const void* row) {
#ifdef OCELLI_SIMT
  ::simt::load_matrices(registers, row, 4, true);
#else
  const unsigned at = static_cast<unsigned>(__cvta_generic_to_shared(row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];\n"
               : "=r"(registers[0]), "=r"(registers[1]), "=r"(registers[2]), "=r"(registers[3])
               : "r"(at)
               : "memory");
#endif
}

// d[16, 8] += a[16, 16] b[16, 8] of bfloat16, sums in float32.
__device__ __forceinline__ void multiply_bfloat16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
#ifdef OCELLI_SIMT
  ::simt::multiply_matrices(d, a, b, ::simt::Operand::bfloat16);
#else
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};\n"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
}

// The same of float16.
__device__ __forceinline__ void multiply_half(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
#ifdef OCELLI_SIMT
  ::simt::multiply_matrices(d, a, b, ::simt::Operand::half);
#else
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};\n"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
}

// d[16, 8] += a[16, 8] b[8, 8] of tf32: float32 whose low 13 bits are not read; round with to_tf32 first.
__device__ __forceinline__ void multiply_tf32(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
#ifdef OCELLI_SIMT
  ::simt::multiply_matrices(d, a, b, ::simt::Operand::tf32);
#else
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};\n"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
}

// Rounds to tf32, ties away from zero.
__device__ __forceinline__ uint32_t to_tf32(float x) {
#ifdef OCELLI_SIMT
  return ::simt::bits_of(::simt::tf32_rounded(x));
#else
  uint32_t bits;
  asm("cvt.rna.tf32.f32 %0, %1;\n" : "=r"(bits) : "f"(x));
  return bits;
#endif
}

}  // namespace ocelli::cuda::ptx
