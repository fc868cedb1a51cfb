#pragma once
// The bodies of the PTX instructions that src/cuda/ptx.cuh wraps, when kernels run on the host.
#include <cstdint>

namespace simt {

// cp.async: the destination is poison until the group is waited for; reading follows then, as late as the hardware may.
void copy_async(void* shared, const void* global, int bytes, bool present);
void commit_copies();
void wait_copies(int newest_in_flight);

// ldmatrix.m8n8.b16: `count` matrices of eight rows of 16 bytes; lane l names row l % 8 of matrix l / 8.
void load_matrices(uint32_t* registers, const void* row, int count, bool transposed);

enum class Operand { bfloat16, half, tf32 };

// mma.sync m16n8k16 (16-bit operands) and m16n8k8 (tf32), row.col, float32 accumulators: d += a b.
void multiply_matrices(float* d, const uint32_t* a, const uint32_t* b, Operand operand);

}  // namespace simt
