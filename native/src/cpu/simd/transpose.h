#pragma once
// A square block of kWidth x kWidth floats, transposed in registers: log2(kWidth) rounds of perfect shuffles.
#include "vector.h"

namespace ocelli::OCELLI_ISA {

#if OCELLI_VECTOR_WIDTH == 16
#define OCELLI_LOW 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define OCELLI_HIGH 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif OCELLI_VECTOR_WIDTH == 8
#define OCELLI_LOW 0, 8, 1, 9, 2, 10, 3, 11
#define OCELLI_HIGH 4, 12, 5, 13, 6, 14, 7, 15
#else
#define OCELLI_LOW 0, 4, 1, 5
#define OCELLI_HIGH 2, 6, 3, 7
#endif

static OCELLI_INLINE void transpose_registers(Vector rows[kWidth]) {
  Vector next[kWidth];
#pragma GCC unroll 4
  for (int round = 1; round < kWidth; round *= 2) {
#pragma GCC unroll 8
    for (int i = 0; i < kWidth / 2; i++) {
      next[2 * i] = __builtin_shufflevector(rows[i], rows[i + kWidth / 2], OCELLI_LOW);
      next[2 * i + 1] = __builtin_shufflevector(rows[i], rows[i + kWidth / 2], OCELLI_HIGH);
    }
#pragma GCC unroll 16
    for (int i = 0; i < kWidth; i++) rows[i] = next[i];
  }
}

static OCELLI_INLINE void transpose_block(const float* from, int64_t from_stride, float* to, int64_t to_stride) {
  Vector rows[kWidth];
#pragma GCC unroll 16
  for (int i = 0; i < kWidth; i++) rows[i] = load(from + i * from_stride);
  transpose_registers(rows);
#pragma GCC unroll 16
  for (int i = 0; i < kWidth; i++) store(to + i * to_stride, rows[i]);
}

// to[column][row] = from[row][column] for a rows x columns piece; whole blocks in registers, the rest one by one.
static inline void transpose(const float* from, int64_t from_stride, int64_t rows, int64_t columns, float* to,
                             int64_t to_stride) {
  const int64_t whole_rows = rows - rows % kWidth, whole_columns = columns - columns % kWidth;
  for (int64_t r = 0; r < whole_rows; r += kWidth)
    for (int64_t c = 0; c < whole_columns; c += kWidth)
      transpose_block(from + r * from_stride + c, from_stride, to + c * to_stride + r, to_stride);
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = r < whole_rows ? whole_columns : 0; c < columns; c++) to[c * to_stride + r] = from[r * from_stride + c];
}

}  // namespace ocelli::OCELLI_ISA
