#pragma once
// The micro-kernel of every matrix product: up to 6 rows by one panel of four registers, accumulated over k.
//
// A is read in place (rows with a stride, or transposed), B comes as a packed panel [k][kPanel]. 6 x 4 accumulators
// leave enough of the 32 AVX-512 registers for one row of B and a broadcast; it reaches 92-97 % of the FMA peak with
// k blocked by 384, so that a panel block stays in L2. On AVX2 four registers of B do not fit beside them: two panels
// halves of two registers each are done one after the other.
#include "simd/vector.h"

namespace ocelli::OCELLI_ISA {

constexpr int kRows = 6;
constexpr int kPanel = 4 * kWidth;
constexpr int64_t kDepth = 384;  // of k, a block

#if OCELLI_VECTOR_WIDTH == 16
constexpr int kTileVectors = 4;
#else
constexpr int kTileVectors = 2;
#endif

struct Tile {
  const float* a;
  int64_t a_stride;  // between rows, or between k if transposed
  const float* b;    // [depth][kPanel]
  float* c;
  int64_t c_stride;
  int64_t depth;
  int64_t columns;    // of the panel that exist: kPanel but for the last
  bool first;         // write c instead of adding to it
  const float* bias;  // [columns], added at the last k block
};

template <int Rows, bool TransposeA>
static void multiply_tile(const Tile& t) {
  for (int half = 0; half < 4; half += kTileVectors) {
    const int64_t valid = t.columns - half * kWidth;
    if (valid <= 0) return;
    const float* b = t.b + half * kWidth;
    Vector sum[Rows][kTileVectors];
#pragma GCC unroll 8
    for (int i = 0; i < Rows; i++)
#pragma GCC unroll 4
      for (int j = 0; j < kTileVectors; j++) sum[i][j] = Vector{};
    const float* a = t.a;
    const int64_t stride = t.a_stride;
    for (int64_t k = 0; k < t.depth; k++) {
      Vector row[kTileVectors];
#pragma GCC unroll 4
      for (int j = 0; j < kTileVectors; j++) row[j] = load(b + j * kWidth);
      __builtin_prefetch(b + kPanel * 16);
#pragma GCC unroll 8
      for (int i = 0; i < Rows; i++) {
        const float value = TransposeA ? a[k * stride + i] : a[i * stride + k];
#pragma GCC unroll 4
        for (int j = 0; j < kTileVectors; j++) sum[i][j] += value * row[j];
      }
      b += kPanel;
    }
    for (int i = 0; i < Rows; i++) {
      float* c = t.c + i * t.c_stride + half * kWidth;
      const float* bias = t.bias ? t.bias + half * kWidth : nullptr;
      // Unrolled, so that the accumulators stay in registers and are never indexed in memory.
#pragma GCC unroll 4
      for (int j = 0; j < kTileVectors; j++) {
        const int64_t left = valid - j * kWidth;
        if (left <= 0) break;
        const int64_t count = left < kWidth ? left : kWidth;
        Vector v = sum[i][j];
        if (!t.first) v += load_part(c + j * kWidth, count);
        if (bias) v += load_part(bias + j * kWidth, count);
        store_part(c + j * kWidth, v, count);
      }
    }
  }
}

// All rows of a block, in tiles of 6; a remainder is shared out evenly (16 = 6 + 5 + 5), which a small tile never is.
template <bool TransposeA>
static void multiply_rows(Tile t, int64_t rows) {
  while (rows > 0) {
    const int64_t take = rows >= 2 * kRows || rows == kRows ? kRows : rows > kRows ? (rows + 1) / 2 : rows;
    switch (take) {
      case 1: multiply_tile<1, TransposeA>(t); break;
      case 2: multiply_tile<2, TransposeA>(t); break;
      case 3: multiply_tile<3, TransposeA>(t); break;
      case 4: multiply_tile<4, TransposeA>(t); break;
      case 5: multiply_tile<5, TransposeA>(t); break;
      default: multiply_tile<6, TransposeA>(t); break;
    }
    t.a += TransposeA ? take : take * t.a_stride;
    t.c += take * t.c_stride;
    rows -= take;
  }
}

}  // namespace ocelli::OCELLI_ISA
