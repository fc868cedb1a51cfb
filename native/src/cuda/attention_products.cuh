#pragma once
// Products of a warp on the tensor cores for attention, all of 16 rows on the left and 16 numbers deep at a time, whatever
// the precision: operands are float32 in memory and become what the instructions take in registers.
//
// The depth of a product may be cut into instructions in any order, as long as both operands agree. So lane l takes
// four numbers in a row of depth, at 4 * (l % 4): one 16-byte read makes its part of the two tf32 instructions (8 deep)
// or of the one bfloat16 instruction (16 deep). Sums of one product are the left operand of the next as they lie in the
// registers: a lane's columns 2c, 2c + 1 and 2c + 8, 2c + 9 are then its four numbers of depth.
//
// Tiles in shared memory are [rows][kDepth] floats whose columns are swapped in blocks of eight by the row, so that both
// ways of reading are free of bank conflicts without padding: 16 bytes of eight rows at four places (`part_of_row`), and
// single numbers of four pairs of rows (`Columns`).
#include "cuda.cuh"
#include "ptx.cuh"
#include "stream.cuh"

namespace ocelli::cuda::products {

// Four numbers of depth of one row or column.
struct Part {
  float at[4];
};

__device__ __forceinline__ uint32_t pair_of_bfloat16(float low, float high) {
#ifdef OCELLI_SIMT
  return __float2bfloat16(low).bits | static_cast<uint32_t>(__float2bfloat16(high).bits) << 16;
#else
  uint32_t pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;\n" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
#endif
}

// A lane's share of an operand: kRegisters of an instruction, for as many instructions as it takes. float32 has the
// rounded numbers first and then what the rounding left over, of which the tensor core reads the upper 11 bits.
template <Precision kPrecision, int kRegisters>
struct Operand {
  static constexpr int kParts = kPrecision == Precision::bfloat16 ? 1 : kPrecision == Precision::tf32 ? 2 : 4;
  uint32_t parts[kParts][kRegisters];

  // `rows`: two of a left operand (l / 4 and l / 4 + 8), the one column of a right operand.
  __device__ __forceinline__ explicit Operand(const Part (&rows)[kRegisters / 2]) {
    constexpr int kRows = kRegisters / 2;
#pragma unroll
    for (int row = 0; row < kRows; row++) {
      if constexpr (kPrecision == Precision::bfloat16) {
        parts[0][row] = pair_of_bfloat16(rows[row].at[0], rows[row].at[1]);
        parts[0][row + kRows] = pair_of_bfloat16(rows[row].at[2], rows[row].at[3]);
      } else {
#pragma unroll
        for (int i = 0; i < 4; i++) {
          const float x = rows[row].at[i];
          const uint32_t rounded = ptx::to_tf32(x);
          parts[i / 2][row + i % 2 * kRows] = rounded;
          if constexpr (kPrecision == Precision::float32)
            parts[2 + i / 2][row + i % 2 * kRows] = __float_as_uint(x - __uint_as_float(rounded));
        }
      }
    }
  }
};
template <Precision kPrecision>
using Left = Operand<kPrecision, 4>;
template <Precision kPrecision>
using Right = Operand<kPrecision, 2>;

// sums[16, 8] += left[16, 16] right[16, 8]
template <Precision kPrecision>
__device__ __forceinline__ void multiply(float (&sums)[4], const Left<kPrecision>& left, const Right<kPrecision>& right) {
  if constexpr (kPrecision == Precision::bfloat16) {
    ptx::multiply_bfloat16(sums, left.parts[0], right.parts[0]);
  } else {
    if constexpr (kPrecision == Precision::float32) {
#pragma unroll
      for (int i = 0; i < 2; i++) {
        ptx::multiply_tf32(sums, left.parts[2 + i], right.parts[i]);
        ptx::multiply_tf32(sums, left.parts[i], right.parts[2 + i]);
      }
    }
#pragma unroll
    for (int i = 0; i < 2; i++) ptx::multiply_tf32(sums, left.parts[i], right.parts[i]);
  }
}

// What a row adds to the places of its columns, by exclusive or.
__device__ __forceinline__ int swap_of(int row) { return (row >> 1 & 3) << 3 ^ (row & 1) << 4; }

// This lane's four numbers of step `step` of row `row`.
template <int kDepth>
__device__ __forceinline__ Part part_of_row(const float* tile, int row, int step, int lane) {
  const float4 four =
      *reinterpret_cast<const float4*>(tile + row * kDepth + ((step * 16 + lane % 4 * 4) ^ swap_of(row)));
  return {{four.x, four.y, four.z, four.w}};
}

// Reads down the columns of a tile: this lane's column of eight, and its rows of sixteen.
template <int kDepth>
struct Columns {
  const float* row;
  int swap, column;

  __device__ Columns(const float* tile, int lane)
      : row(tile + lane % 4 * 2 * kDepth), swap(swap_of(lane % 4 * 2)), column(lane / 4) {}

  // The block of rows [16 * rows, + 16), columns [8 * columns, + 8)
  __device__ __forceinline__ Part part(int rows, int columns) const {
    const int even = columns / 4 * 32 + (columns % 4 * 8 ^ swap) + column;
    const int odd = columns / 4 * 32 + (columns % 4 * 8 ^ swap ^ 16) + column;
    const float* from = row + rows * 16 * kDepth;
    return {{from[even], from[kDepth + odd], from[8 * kDepth + even], from[9 * kDepth + odd]}};
  }
};

// sums[16, kColumns] += left[16, depth] right[kColumns, depth]^T of rows of two tiles; depth is 16 * steps. kTogether steps
// are worked on at once: fewer take fewer registers.
template <Precision kPrecision, int kDepth, int kColumns, int kTogether = 2>
__device__ __forceinline__ void multiply_rows(float (&sums)[kColumns / 8][4], const float* left, const float* right,
                                              int steps, int lane) {
#pragma unroll kTogether
  for (int step = 0; step < steps; step++) {
    const Part rows[2] = {part_of_row<kDepth>(left, lane / 4, step, lane),
                          part_of_row<kDepth>(left, lane / 4 + 8, step, lane)};
    const Left<kPrecision> a(rows);
#pragma unroll
    for (int j = 0; j < kColumns / 8; j++) {
      const Part column[1] = {part_of_row<kDepth>(right, j * 8 + lane / 4, step, lane)};
      multiply<kPrecision>(sums[j], a, Right<kPrecision>(column));
    }
  }
}

// The left operand that sums of another product are: its columns [16 * step, + 16).
template <Precision kPrecision, int kTiles>
__device__ __forceinline__ Left<kPrecision> left_of_sums(const float (&sums)[kTiles][4], int step) {
  const float(&near)[4] = sums[2 * step];
  const float(&far)[4] = sums[2 * step + 1];
  const Part rows[2] = {{{near[0], near[1], far[0], far[1]}}, {{near[2], near[3], far[2], far[3]}}};
  return Left<kPrecision>(rows);
}

// sums[16, kDepth] += weights[16, kRows] right[kRows, kDepth], columns up to `size`; weights are sums of another product.
template <Precision kPrecision, int kDepth, int kRows>
__device__ __forceinline__ void multiply_columns(float (&sums)[kDepth / 8][4], const float (&weights)[kRows / 8][4],
                                                 const float* right, int size, int lane) {
  const Columns<kDepth> columns(right, lane);
#pragma unroll
  for (int step = 0; step < kRows / 16; step++) {
    const Left<kPrecision> a = left_of_sums<kPrecision>(weights, step);
#pragma unroll
    for (int j = 0; j < kDepth / 8; j++) {
      if (j * 8 >= size) break;
      const Part column[1] = {columns.part(step, j)};
      multiply<kPrecision>(sums[j], a, Right<kPrecision>(column));
    }
  }
}

// Starts copying rows [0, rows) of `size` numbers into a tile of kRows; zeros fill it up to kRows and whole steps of 16.
// `wide`: rows begin at multiples of 16 bytes and have whole fours of numbers.
template <int kDepth, int kRows, int kThreads>
__device__ __forceinline__ void load_tile(float* tile, const float* from, int64_t stride, int rows, int size, bool wide) {
  const int columns = (size + 15) / 16 * 16;
  if (wide) {
#pragma unroll 4
    for (int i = threadIdx.x; i < kRows * (kDepth / 4); i += kThreads) {
      const int row = i / (kDepth / 4), column = i % (kDepth / 4) * 4;
      if (column >= columns) continue;
      const bool present = row < rows && column < size;
      ptx::copy_async_16(tile + row * kDepth + (column ^ swap_of(row)), present ? from + row * stride + column : from,
                         present);
    }
  } else {
#pragma unroll 1
    for (int i = threadIdx.x; i < kRows * kDepth; i += kThreads) {
      const int row = i / kDepth, column = i % kDepth;
      if (column >= columns) continue;
      const bool present = row < rows && column < size;
      ptx::copy_async_4(tile + row * kDepth + (column ^ swap_of(row)), present ? from + row * stride + column : from,
                        present);
    }
  }
}

// Writes sums of a warp, times a factor for each of a lane's two rows, to rows [0, rows) of `size` columns.
template <int kDepth>
__device__ __forceinline__ void store_rows(float* to, int64_t stride, int rows, int size, const float (&sums)[kDepth / 8][4],
                                           const float (&factors)[2], int lane) {
  const bool paired = reinterpret_cast<uintptr_t>(to) % 8 == 0 && stride % 2 == 0 && size % 2 == 0;
#pragma unroll
  for (int half = 0; half < 2; half++) {
    const int row = lane / 4 + half * 8;
    if (row >= rows) continue;
#pragma unroll
    for (int j = 0; j < kDepth / 8; j++) {
      const int column = j * 8 + lane % 4 * 2;
      float* at = to + row * stride + column;
      const float x = sums[j][half * 2] * factors[half], y = sums[j][half * 2 + 1] * factors[half];
      if (paired) {
        if (column < size) *reinterpret_cast<float2*>(at) = make_float2(x, y);
      } else {
        if (column < size) at[0] = x;
        if (column + 1 < size) at[1] = y;
      }
    }
  }
}

inline bool begins_at_16_bytes(const void* at) { return reinterpret_cast<uintptr_t>(at) % 16 == 0; }

// Calls body(precision, depth) with constants for the stream's precision and the head size, rounded up.
template <Precision kPrecision, class Body>
void with_depth(int head_size, const Body& body) {
  const std::integral_constant<Precision, kPrecision> precision;
  if (head_size <= 32) return body(precision, std::integral_constant<int, 32>());
  if (head_size <= 64) return body(precision, std::integral_constant<int, 64>());
  if (head_size <= 128) return body(precision, std::integral_constant<int, 128>());
  if (head_size <= 256) return body(precision, std::integral_constant<int, 256>());
  throw std::runtime_error("[attention] heads of " + std::to_string(head_size) +
                           " numbers are more than CUDA kernels serve, 256; use the device cpu");
}
template <class Body>
void with_constants(const Stream& stream, int head_size, const Body& body) {
  switch (stream.precision) {
    case Precision::bfloat16: return with_depth<Precision::bfloat16>(head_size, body);
    case Precision::tf32: return with_depth<Precision::tf32>(head_size, body);
    default: return with_depth<Precision::float32>(head_size, body);
  }
}

}  // namespace ocelli::cuda::products
