#pragma once
// The micro-kernel of every matrix product: up to 6 rows of A by one panel of B, accumulated over a block of k.
//
// B is a panel [k][kPanel]; it stays in L1 (in L2 with AVX-512, whose 24 accumulators need less of it) while all rows of
// A go by. Sums over k are cut into blocks of kDepth, always the same ones, and a block is added up in order of k: so a
// result depends on nothing but its own row and column.
//
// Tried on Zen 3 (AVX2, 32 KiB L1), share of the FMA peak of one thread at 512 rows, 768 to 3072 columns: panels of 32
// columns in two halves, as AVX-512 has them, 60 to 68 % (a block of B fills L1); panels of 16, A in place 81 to 85 %, A
// packed 91 %, of which packing costs 1 to 4: rows of A whose distance is a multiple of 4 KiB fall into the same few sets of
// L1. Depths of 256, 320, 384 and 512 are within 2 points. Prefetching A, C or the next panel costs 2 to 3 points, as the
// loads compete with those of the loop. Inlining the tile into its callers costs 4: the loop's pointers move to the stack.
// Adding the bias in a pass over the finished tile costs 3 points, which is why the tile does it.
#include "simd/vector.h"

namespace ocelli::OCELLI_ISA {

// Accumulators and one row of B have to fit beside a broadcast: 32 registers with AVX-512 and NEON, 16 else.
#if OCELLI_VECTOR_WIDTH == 16 || defined(__aarch64__)
constexpr int kPanelVectors = 4;
#else
constexpr int kPanelVectors = 2;
#endif
constexpr int kRows = 6;
constexpr int kPanel = kPanelVectors * kWidth;
constexpr int64_t kDepth = 384;  // of k, a block; a multiple of every kPanel

static OCELLI_INLINE int64_t panels_of(int64_t columns) { return (columns + kPanel - 1) / kPanel; }
static OCELLI_INLINE int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

// The height of the next tile: 6, and a remainder shared out evenly (16 = 6 + 5 + 5), which a small tile never is.
static OCELLI_INLINE int64_t tile_height(int64_t rows_left) {
  return rows_left >= 2 * kRows || rows_left == kRows ? kRows : rows_left > kRows ? (rows_left + 1) / 2 : rows_left;
}

// How a tile finds its A.
struct PackedRows {  // tile after tile [depth][height]
  const float* a;
  int64_t depth;
  template <int Rows>
  OCELLI_INLINE float at(int64_t i, int64_t k) const { return a[k * Rows + i]; }
  OCELLI_INLINE void next_rows(int64_t rows) { a += rows * depth; }
  static constexpr int64_t kRun = kDepth;
  OCELLI_INLINE void next_run() {}
};
struct PanelRows {  // rows of packed panels [row][kPanel of k], a panel's beginning `stride` after the one before
  const float* a;
  int64_t stride;
  template <int>
  OCELLI_INLINE float at(int64_t i, int64_t k) const { return a[i * kPanel + k]; }
  OCELLI_INLINE void next_rows(int64_t rows) { a += rows * kPanel; }
  static constexpr int64_t kRun = kPanel;
  OCELLI_INLINE void next_run() { a += stride; }
};

// c[rows][columns] = A b + added + bias; of the panel's columns, those beyond `columns` are dropped.
template <class A>
struct Tile {
  A a;
  const float* b;  // [depth][kPanel]
  float* c;
  int64_t c_stride;
  int64_t depth;
  int64_t columns;
  const float* added;  // like c: a residual, c itself after the first block of k, or null
  const float* bias;   // [columns] or null
};

template <int Rows, class A>
static __attribute__((noinline)) void multiply_tile(const Tile<A>& t) {
  Vector sum[Rows][kPanelVectors];
#pragma GCC unroll 8
  for (int i = 0; i < Rows; i++)
#pragma GCC unroll 4
    for (int j = 0; j < kPanelVectors; j++) sum[i][j] = Vector{};
  A a = t.a;
  const float* b = t.b;
  for (int64_t left = t.depth; left > 0; left -= A::kRun, a.next_run()) {
    const int64_t run = smaller(left, A::kRun);
    for (int64_t k = 0; k < run; k++) {
      Vector row[kPanelVectors];
#pragma GCC unroll 4
      for (int j = 0; j < kPanelVectors; j++) row[j] = load(b + j * kWidth);
#pragma GCC unroll 8
      for (int i = 0; i < Rows; i++) {
        const float value = a.template at<Rows>(i, k);
#pragma GCC unroll 4
        for (int j = 0; j < kPanelVectors; j++) sum[i][j] += value * row[j];
      }
      b += kPanel;
    }
  }
  // Unrolled, so that the accumulators stay in registers and are never indexed in memory.
#pragma GCC unroll 8
  for (int i = 0; i < Rows; i++) {
    float* c = t.c + i * t.c_stride;
#pragma GCC unroll 4
    for (int j = 0; j < kPanelVectors; j++) {
      const int64_t left = t.columns - j * kWidth;
      if (left <= 0) break;
      const int64_t count = smaller(left, kWidth);
      Vector v = sum[i][j];
      if (t.added) v += load_part(t.added + i * t.c_stride + j * kWidth, count);
      if (t.bias) v += load_part(t.bias + j * kWidth, count);
      store_part(c + j * kWidth, v, count);
    }
  }
}

// All rows of a block, tile by tile; `finish(row, height)` follows each while its results are in L1.
template <class A, class Finish>
static void multiply_rows(Tile<A> t, int64_t rows, const Finish& finish) {
  for (int64_t row = 0; row < rows;) {
    const int64_t height = tile_height(rows - row);
    switch (height) {
      case 1: multiply_tile<1>(t); break;
      case 2: multiply_tile<2>(t); break;
      case 3: multiply_tile<3>(t); break;
      case 4: multiply_tile<4>(t); break;
      case 5: multiply_tile<5>(t); break;
      default: multiply_tile<6>(t); break;
    }
    finish(row, height);
    t.a.next_rows(height);
    t.c += height * t.c_stride;
    if (t.added) t.added += height * t.c_stride;
    row += height;
  }
}

}  // namespace ocelli::OCELLI_ISA
