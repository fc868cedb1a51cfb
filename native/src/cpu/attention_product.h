#pragma once
// Products of a few rows in registers, for tiles that are in the cache already: c[rows][columns] from a[rows][depth]
// (or a[depth][rows]) and b[depth][columns].
#include "simd/vector.h"

namespace ocelli::OCELLI_ISA {

static OCELLI_INLINE int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
static OCELLI_INLINE int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }
static OCELLI_INLINE int64_t round_up(int64_t n) { return (n + kWidth - 1) / kWidth * kWidth; }

enum class Layout { rows, columns };  // of a: a[row * stride + k] or a[k * stride + row]
enum class Finish { add, blend };     // c = (row < old_rows ? c : 0) + scale * sum; c = keep[row] * c + gain[row] * sum

struct Product {
  const float* a;
  int64_t a_stride;
  const float* b;  // whole registers are read: padded, or a multiple of kWidth columns
  int64_t b_stride;
  float* c;
  int64_t c_stride;
  float scale;
  int64_t old_rows;   // c's rows from here on are written without being read
  const float* keep;  // likewise where this is 0
  const float* gain;
};

// Accumulators take all registers but four, in two columns of registers; one column has at least 8 rows, which hides
// the latency of the multiply-add.
constexpr int kRowsOfTwo = kWidth == 16 ? 12 : kWidth == 8 ? 6 : 4;
constexpr int kRowsOfOne = kWidth == 16 ? 12 : 8;

// The end of a product whose last register is partly beyond c's columns.
template <Finish kFinish>
static __attribute__((noinline)) void finish_part(const Product& p, int64_t row, int64_t rows, int64_t column,
                                                  int64_t columns, const float* sums, int64_t sums_stride) {
  for (int64_t i = 0; i < rows; i++) {
    float* c = p.c + (row + i) * p.c_stride + column;
    const float keep = kFinish == Finish::blend ? p.keep[row + i] : row + i < p.old_rows;
    const float gain = kFinish == Finish::blend ? p.gain[row + i] : p.scale;
    for (int64_t j = 0; j < columns; j++) {
      const float result = gain * sums[i * sums_stride + j];
      c[j] = keep != 0 ? keep * c[j] + result : result;
    }
  }
}

template <int kRows, int kVectors, Layout kLayout, Finish kFinish>
static __attribute__((noinline)) void multiply(const Product& p, int64_t row, int64_t column, int64_t columns,
                                               int64_t from, int64_t to) {
  Vector sum[kRows][kVectors];
#pragma GCC unroll 16
  for (int i = 0; i < kRows; i++)
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; j++) sum[i][j] = Vector{};

  const int64_t stride = p.a_stride, b_stride = p.b_stride;
  const float* b = p.b + from * b_stride + column;
  const float* a[(kRows + 2) / 3];  // rows in threes: x86 addresses base, base + stride and base + 2 stride at no cost
#pragma GCC unroll 4
  for (int i = 0; i < kRows; i += 3)
    a[i / 3] = kLayout == Layout::rows ? p.a + (row + i) * stride + from : p.a + from * stride + row + i;
  for (int64_t k = from; k < to; k++) {
    Vector right[kVectors];
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; j++) right[j] = load(b + j * kWidth);
#pragma GCC unroll 16
    for (int i = 0; i < kRows; i++) {
      const Vector left = splat(kLayout == Layout::rows ? a[i / 3][i % 3 * stride] : a[i / 3][i % 3]);
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; j++) sum[i][j] += left * right[j];
    }
    b += b_stride;
#pragma GCC unroll 4
    for (int i = 0; i < kRows; i += 3) a[i / 3] += kLayout == Layout::rows ? 1 : stride;
  }

  float* c = p.c + row * p.c_stride + column;
  if (columns == kVectors * kWidth) {
#pragma GCC unroll 16
    for (int i = 0; i < kRows; i++, c += p.c_stride)
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; j++) {
        float* to_c = c + j * kWidth;
        Vector result = sum[i][j] * (kFinish == Finish::add ? p.scale : p.gain[row + i]);
        if (kFinish == Finish::add && row + i < p.old_rows) result += load(to_c);
        if (kFinish == Finish::blend && p.keep[row + i] != 0) result += p.keep[row + i] * load(to_c);
        store(to_c, result);
      }
    return;
  }
  alignas(64) float buffer[kRows * kVectors * kWidth];
#pragma GCC unroll 16
  for (int i = 0; i < kRows; i++)
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; j++) store(buffer + (i * kVectors + j) * kWidth, sum[i][j]);
  finish_part<kFinish>(p, row, kRows, column, columns, buffer, kVectors * kWidth);
}

template <int kRows, int kVectors, Layout kLayout, Finish kFinish>
static OCELLI_INLINE void multiply_any(int64_t rows, const Product& p, int64_t row, int64_t column, int64_t columns,
                                       int64_t from, int64_t to) {
  if constexpr (kRows > 1)
    if (rows < kRows)
      return multiply_any<kRows - 1, kVectors, kLayout, kFinish>(rows, p, row, column, columns, from, to);
  multiply<kRows, kVectors, kLayout, kFinish>(p, row, column, columns, from, to);
}

// rows(end): how many rows of c the columns before `end` need. depth(row, end, &from, &to): which part of the sums the
// rows [row, end) need. The rest is known to be zero or is never read.
template <Layout kLayout, Finish kFinish, class Rows, class Depth>
static OCELLI_INLINE void product(const Product& p, int64_t columns, Rows rows, Depth depth) {
  for (int64_t column = 0; column < columns;) {
    const bool two = columns - column > kWidth;
    const int64_t width = smaller(columns - column, two ? 2 * kWidth : kWidth);
    const int64_t count = rows(column + width);
    const int64_t most = two ? kRowsOfTwo : kRowsOfOne;
    for (int64_t row = 0, pieces = (count + most - 1) / most; pieces > 0; pieces--) {
      const int64_t taken = (count - row + pieces - 1) / pieces;  // rows spread evenly, no thin last piece
      int64_t from, to;
      depth(row, row + taken, &from, &to);
      if (two) multiply_any<kRowsOfTwo, 2, kLayout, kFinish>(taken, p, row, column, width, from, to);
      else multiply_any<kRowsOfOne, 1, kLayout, kFinish>(taken, p, row, column, width, from, to);
      row += taken;
    }
    column += width;
  }
}

}  // namespace ocelli::OCELLI_ISA
