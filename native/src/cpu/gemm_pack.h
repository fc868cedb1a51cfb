#pragma once
// A and B of a matrix product in the order in which the micro-kernel reads them.
#include "gemm_tile.h"
#include "simd/transpose.h"

namespace ocelli::OCELLI_ISA {

// A matrix in memory: element (row, column) is at row * row_stride + column * column_stride, and one stride is 1.
struct Matrix {
  const float* data;
  int64_t row_stride, column_stride;
  OCELLI_INLINE const float* at(int64_t row, int64_t column) const {
    return data + row * row_stride + column * column_stride;
  }
};

template <int Rows>
static void pack_tile(const float* from, const Matrix& a, int64_t depth, float* to) {
  int64_t k = 0;
  if (a.column_stride == 1 && Rows <= kWidth) {
    // Whole registers, whose last lanes are overwritten by what follows, as long as all of it lies in the tile.
    for (; (k + kWidth - 1) * Rows + kWidth <= depth * Rows; k += kWidth) {
      Vector columns[kWidth] = {};
#pragma GCC unroll 8
      for (int i = 0; i < (Rows < kWidth ? Rows : kWidth); i++) {
        columns[i] = load(from + i * a.row_stride + k);
      }
      transpose_registers(columns);
#pragma GCC unroll 16
      for (int j = 0; j < kWidth; j++) store(to + (k + j) * Rows, columns[j]);
    }
  }
  for (; k < depth; k++)
#pragma GCC unroll 8
    for (int i = 0; i < Rows; i++) to[k * Rows + i] = from[i * a.row_stride + k * a.column_stride];
}

// Rows [begin, end) of a block of rows that ends at `end_of_block`, as PackedRows; `begin` is where a tile begins.
static inline void pack_rows(const Matrix& a, int64_t begin, int64_t end, int64_t end_of_block, int64_t k, int64_t depth,
                             float* to) {
  for (int64_t row = begin; row < end;) {
    const int64_t height = tile_height(end_of_block - row);
    const float* from = a.at(row, k);
    switch (height) {
      case 1: pack_tile<1>(from, a, depth, to); break;
      case 2: pack_tile<2>(from, a, depth, to); break;
      case 3: pack_tile<3>(from, a, depth, to); break;
      case 4: pack_tile<4>(from, a, depth, to); break;
      case 5: pack_tile<5>(from, a, depth, to); break;
      default: pack_tile<6>(from, a, depth, to); break;
    }
    to += height * depth;
    row += height;
  }
}

// A panel [k][kPanel] of B's columns [column, column + kPanel) and rows [k, k + depth), zeros beyond `columns`.
static inline void pack_panel(const Matrix& b, int64_t k, int64_t depth, int64_t column, int64_t columns, float* to) {
  const int64_t width = smaller(columns - column, kPanel);
  if (b.column_stride == 1) {
    for (int64_t i = 0; i < depth; i++) memcpy(to + i * kPanel, b.at(k + i, column), width * sizeof(float));
  } else {
    transpose(b.at(k, column), b.column_stride, width, depth, to, kPanel);
  }
  for (int64_t i = 0; width < kPanel && i < depth; i++)
    for (int64_t j = width; j < kPanel; j++) to[i * kPanel + j] = 0;
}

}  // namespace ocelli::OCELLI_ISA
