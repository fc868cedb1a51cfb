#pragma once
// Kernels that use every instruction of src/cuda/ptx.cuh and of the executor: right ones, which nvcc compiles too, and with
// BROKEN_* set, wrong ones, which the executor must catch.
#include "../../src/cuda/ptx.cuh"

namespace sample {

namespace ptx = ocelli::cuda::ptx;

// C[m, n] = A[m, k] B[k, n] by tiles in shared memory. kBarriers: how many of the two barriers of a step are there.
template <int kTile, int kBarriers>
__global__ void tiled_matmul(int m, int n, int k, const float* a, const float* b, float* c) {
  OCELLI_SHARED(tile_a, float[kTile][kTile + 1]);
  OCELLI_SHARED(tile_b, float[kTile][kTile + 1]);
  const int x = threadIdx.x, y = threadIdx.y, row = blockIdx.y * kTile + y, column = blockIdx.x * kTile + x;
  float sum = 0;
  for (int step = 0; step < k; step += kTile) {
    tile_a[y][x] = row < m && step + x < k ? a[row * k + step + x] : 0;
    tile_b[y][x] = step + y < k && column < n ? b[(step + y) * n + column] : 0;
    if (kBarriers > 0) __syncthreads();
    for (int i = 0; i < kTile; i++) sum += tile_a[y][i] * tile_b[i][x];
    if (kBarriers > 1) __syncthreads();
  }
  if (row < m && column < n) c[row * n + column] = sum;
}

// Softmax of each row by one block: shuffles inside of a warp, shared memory between warps, an atomic count of rows.
__global__ void softmax_rows(int columns, const float* x, float* y, int* rows) {
  OCELLI_SHARED(partial, float[32]);
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = (blockDim.x + 31) / 32;
  const float* from = x + blockIdx.x * columns;
  float top = -INFINITY;
  for (int i = threadIdx.x; i < columns; i += blockDim.x) top = fmaxf(top, from[i]);
  for (int distance = 16; distance > 0; distance /= 2) top = fmaxf(top, __shfl_xor_sync(0xffffffffu, top, distance));
  if (lane == 0) partial[warp] = top;
  __syncthreads();
  top = partial[0];
  for (int i = 1; i < warps; i++) top = fmaxf(top, partial[i]);
  __syncthreads();
  float sum = 0;
  for (int i = threadIdx.x; i < columns; i += blockDim.x) sum += __expf(from[i] - top);
  for (int distance = 16; distance > 0; distance /= 2) sum += __shfl_down_sync(0xffffffffu, sum, distance);
  if (lane == 0) partial[warp] = sum;
  __syncthreads();
  sum = 0;
  for (int i = 0; i < warps; i++) sum += partial[i];
  for (int i = threadIdx.x; i < columns; i += blockDim.x) y[blockIdx.x * columns + i] = __expf(from[i] - top) / sum;
  if (threadIdx.x == 0) atomicAdd(rows, 1);
}

// C[m, n] = A[m, k] B[k, n], 16-bit operands, float32 sums: tiles of 64 x 64 x 32, four warps, two stages of copies. m is
// any; n and k are multiples of 8 and 32. kOpen: copies that may be open when a stage is read; 1 is right.
template <bool kHalfOperands, int kOpen>
__global__ void __launch_bounds__(128) tensor_core_matmul(int m, int n, int k, const uint16_t* a, const uint16_t* b, float* c) {
  constexpr int kRows = 64, kColumns = 64, kDepth = 32, kStrideA = kDepth + 8, kStrideB = kColumns + 8;
  OCELLI_DYNAMIC_SHARED(shared, uint16_t);
  uint16_t* shared_a = shared;
  uint16_t* shared_b = shared + 2 * kRows * kStrideA;
  const int thread = threadIdx.x, lane = thread % 32, warp = thread / 32;
  const int warp_row = warp / 2 * 32, warp_column = warp % 2 * 32;
  const int first_row = blockIdx.y * kRows, first_column = blockIdx.x * kColumns;
  float sums[2][4][4] = {};
  const auto load = [&](int stage, int step) {
    for (int i = thread; i < kRows * kDepth / 8; i += 128) {
      const int row = i / (kDepth / 8), at = i % (kDepth / 8) * 8;
      const bool present = first_row + row < m;
      ptx::copy_async_16(&shared_a[(stage * kRows + row) * kStrideA + at], &a[(present ? first_row + row : 0) * k + step + at], present);
    }
    for (int i = thread; i < kDepth * kColumns / 8; i += 128) {
      const int row = i / (kColumns / 8), at = i % (kColumns / 8) * 8;
      const bool present = first_column + at < n;
      ptx::copy_async_16(&shared_b[(stage * kDepth + row) * kStrideB + at], &b[(step + row) * n + (present ? first_column + at : 0)], present);
    }
    ptx::commit_copies();
  };
  load(0, 0);
  for (int step = 0, stage = 0; step < k; step += kDepth, stage ^= 1) {
    if (step + kDepth < k) load(stage ^ 1, step + kDepth);
    else ptx::commit_copies();
    ptx::wait_copies<kOpen>();
    __syncthreads();
    for (int depth = 0; depth < kDepth; depth += 16) {
      uint32_t part_a[2][4], part_b[2][4];
      for (int i = 0; i < 2; i++)
        ptx::load_matrices_4(part_a[i], &shared_a[(stage * kRows + warp_row + i * 16 + lane % 16) * kStrideA + depth + lane / 16 * 8]);
      for (int j = 0; j < 2; j++)
        ptx::load_matrices_4_transposed(part_b[j], &shared_b[(stage * kDepth + depth + lane % 16) * kStrideB + warp_column + j * 16 + lane / 16 * 8]);
      for (int i = 0; i < 2; i++)
        for (int j = 0; j < 4; j++) {
          const uint32_t pair[2] = {part_b[j / 2][j % 2 * 2], part_b[j / 2][j % 2 * 2 + 1]};
          if (kHalfOperands) ptx::multiply_half(sums[i][j], part_a[i], pair);
          else ptx::multiply_bfloat16(sums[i][j], part_a[i], pair);
        }
    }
    __syncthreads();
  }
  ptx::wait_copies<0>();
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 4; j++)
      for (int e = 0; e < 4; e++) {
        const int row = first_row + warp_row + i * 16 + lane / 4 + e / 2 * 8;
        const int column = first_column + warp_column + j * 8 + lane % 4 * 2 + e % 2;
        if (row < m && column < n) c[row * n + column] = sums[i][j][e];
      }
}

// One warp: C[16, 8] = A[16, 8] B[8, 8] in tf32, fragments loaded by hand.
__global__ void tf32_tile(const float* a, const float* b, float* c) {
  const int lane = threadIdx.x, row = lane / 4, part = lane % 4;
  float sums[4] = {};
  const uint32_t part_a[4] = {ptx::to_tf32(a[row * 8 + part]), ptx::to_tf32(a[(row + 8) * 8 + part]),
                              ptx::to_tf32(a[row * 8 + part + 4]), ptx::to_tf32(a[(row + 8) * 8 + part + 4])};
  const uint32_t part_b[2] = {ptx::to_tf32(b[part * 8 + row]), ptx::to_tf32(b[(part + 4) * 8 + row])};
  ptx::multiply_tf32(sums, part_a, part_b);
  for (int e = 0; e < 4; e++) c[(row + e / 2 * 8) * 8 + part * 2 + e % 2] = sums[e];
}

// Rows of four bytes: what the narrow copy is for.
__global__ void copy_words(int count, const float* x, float* y) {
  OCELLI_DYNAMIC_SHARED(words, float);
  const int i = threadIdx.x;
  ptx::copy_async_4(&words[i], x + (i < count ? i : 0), i < count);
  ptx::commit_copies();
  ptx::wait_copies<0>();
  __syncthreads();
  y[i] = words[blockDim.x - 1 - i];
}

// Votes, shuffles of each kind, and barriers that count.
__global__ void votes(int* out) {
  const unsigned all = 0xffffffffu;
  const int lane = threadIdx.x % 32;
  out[threadIdx.x * 8 + 0] = static_cast<int>(__ballot_sync(all, lane % 3 == 0));
  out[threadIdx.x * 8 + 1] = __any_sync(all, lane == 7) + 2 * __all_sync(all, lane >= 0) + 4 * __all_sync(all, lane != 9);
  out[threadIdx.x * 8 + 2] = __shfl_sync(all, lane * 10, 5);
  out[threadIdx.x * 8 + 3] = __shfl_up_sync(all, lane * 10, 3);
  out[threadIdx.x * 8 + 4] = __shfl_down_sync(all, lane * 10, 4, 8);
  out[threadIdx.x * 8 + 5] = __shfl_xor_sync(all, lane * 10, 9, 16);
  out[threadIdx.x * 8 + 6] = __syncthreads_count(threadIdx.x % 5 == 0);
  out[threadIdx.x * 8 + 7] = __syncthreads_or(threadIdx.x == 40) + 2 * __syncthreads_and(threadIdx.x < 1000);
}

}  // namespace sample
