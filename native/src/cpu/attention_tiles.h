#pragma once
// What the attention kernels share: the shape of a call, what a block of queries sees of a block of keys, the register
// products and the transposition. Scores are kept transposed, `scores[key][query]`, so that a register holds one key
// and kWidth queries: maxima, sums, masks and the saved logSumExp then need no work across a register's lanes.
#include "simd/math.h"

namespace ocelli::OCELLI_ISA {

constexpr int64_t kQueryBlock = 64;  // queries in a tile, and the row stride of every [*, query] tile
constexpr int64_t kKeyBlock = 64;    // keys in a tile
constexpr int32_t kNever = INT32_MAX;
constexpr float kInfinity = __builtin_inff();

static OCELLI_INLINE int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
static OCELLI_INLINE int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }
static OCELLI_INLINE int64_t round_up(int64_t n) { return (n + kWidth - 1) / kWidth * kWidth; }

// The scalars of both kernels, in their order.
struct AttentionShape {
  int64_t batch, query_tokens, key_tokens, heads, kv_heads, head_size, q_stride, k_stride, v_stride;
  float scale;
  bool causal;
  int64_t full_rows;

  explicit AttentionShape(const Call& call)
      : batch(call.size(0)), query_tokens(call.size(1)), key_tokens(call.size(2)), heads(call.size(3)),
        kv_heads(call.size(4)), head_size(call.size(5)), q_stride(call.size(6)), k_stride(call.size(7)),
        v_stride(call.size(8)), scale(call.real(9)), causal(call.flag(10)), full_rows(call.size(11)) {}

  int64_t query_blocks() const { return (query_tokens + kQueryBlock - 1) / kQueryBlock; }
  int64_t out_stride() const { return heads * head_size; }
  // Where the rows of one head begin.
  int64_t q_offset(int64_t b, int64_t head) const { return b * query_tokens * q_stride + head * head_size; }
  int64_t k_offset(int64_t b, int64_t head) const { return b * key_tokens * k_stride + head * head_size; }
  int64_t v_offset(int64_t b, int64_t head) const { return b * key_tokens * v_stride + head * head_size; }
  int64_t out_offset(int64_t b, int64_t head) const { return (b * query_tokens * heads + head) * head_size; }
};

// A block of queries, `lanes` of them counting the padding to whole registers, and the range of keys that it can see.
struct QueryBlock {
  int64_t first, count, lanes, full;  // full: its first lanes see every key
  int64_t key_begin, key_end;

  QueryBlock(const AttentionShape& shape, const uint8_t* mask, int64_t first_query) : first(first_query) {
    count = smaller(kQueryBlock, shape.query_tokens - first);
    lanes = round_up(count);
    full = larger(0, smaller(count, shape.full_rows - first));
    key_begin = 0;
    key_end = shape.key_tokens;
    if (full > 0) return;
    if (shape.causal) key_end = smaller(key_end, first + count + shape.key_tokens - shape.query_tokens);
    if (!mask) return;
    while (key_begin < key_end && !mask[key_begin]) key_begin++;
    while (key_end > key_begin && !mask[key_end - 1]) key_end--;
  }
};

// What a query block sees of the keys [key, key + keys): key j is seen by the lanes from first_lane[j] on, and by the
// block's full lanes.
struct TileView {
  int64_t key, keys, lanes;
  int32_t full;
  bool masked;       // some lane doesn't see some key
  int64_t diagonal;  // no lane sees beyond key lane + diagonal; for skipping only
  int32_t first_lane[kKeyBlock];

  TileView(const AttentionShape& shape, const QueryBlock& block, const uint8_t* mask, int64_t first_key, int64_t end_key)
      : key(first_key), lanes(block.lanes), full(static_cast<int32_t>(block.full)) {
    keys = smaller(kKeyBlock, end_key - key);
    const int64_t causal_diagonal = shape.causal ? block.first + shape.key_tokens - shape.query_tokens - key : keys;
    diagonal = full > 0 ? keys : causal_diagonal;
    masked = causal_diagonal < keys - 1;
    for (int64_t j = 0; j < keys; j++) {
      const bool hidden = mask && !mask[key + j];
      masked |= hidden;
      first_lane[j] = hidden ? kNever : static_cast<int32_t>(larger(0, j - causal_diagonal));
    }
  }

  // The keys from here on are hidden from every lane up to `lane`.
  int64_t keys_seen(int64_t lane) const { return larger(0, smaller(keys, lane + diagonal + 1)); }
  // The lanes before this one see no key from j on.
  int64_t lanes_skipped(int64_t j) const { return larger(0, smaller(lanes, j - diagonal)); }
  // x where the lanes of register [lane, lane + kWidth) see key j, elsewhere `hidden`.
  OCELLI_INLINE Vector see(Vector x, int64_t j, int64_t lane, float hidden) const {
    const int32_t from = first_lane[j];
    if (from <= lane) return x;
    IntVector index;
    for (int i = 0; i < kWidth; i++) index[i] = i;
    index += static_cast<int32_t>(lane);
    return ((index >= from) | (index < full)) ? x : splat(hidden);
  }
};

// ---- products: c[rows][columns] from a[rows][depth] (or a[depth][rows]) and b[depth][columns], in registers ----

enum class Layout { rows, columns };      // of a: a[row * stride + k] or a[k * stride + row]
enum class Finish { write, add, blend };  // c = scale * sum; c += scale * sum; c = keep[row] * c + gain[row] * sum

struct Product {
  const float* a;
  int64_t a_stride;
  const float* b;  // whole registers are read: padded, or a multiple of kWidth columns
  int64_t b_stride;
  float* c;
  int64_t c_stride;
  float scale;
  const float* keep;  // where 0, c isn't read
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
    const float keep = kFinish == Finish::blend ? p.keep[row + i] : kFinish == Finish::add;
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
        if (kFinish == Finish::write) {
          store(to_c, sum[i][j] * p.scale);
        } else if (kFinish == Finish::add) {
          store(to_c, load(to_c) + sum[i][j] * p.scale);
        } else {
          const float keep = p.keep[row + i];
          Vector result = sum[i][j] * p.gain[row + i];
          if (keep != 0) result += keep * load(to_c);
          store(to_c, result);
        }
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
    if (rows < kRows) return multiply_any<kRows - 1, kVectors, kLayout, kFinish>(rows, p, row, column, columns, from, to);
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

// scores[key][lane] = scale * keys[key] . queries[lane], only where the view may see; queries are transposed.
static OCELLI_INLINE void product_of_scores(const TileView& view, const float* keys, int64_t stride,
                                            const float* queries, int64_t head_size, float scale, float* scores) {
  const Product p = {keys, stride, queries, kQueryBlock, scores, kQueryBlock, scale, nullptr, nullptr};
  product<Layout::rows, Finish::write>(
      p, view.lanes, [&](int64_t end) { return view.keys_seen(end - 1); },
      [&](int64_t, int64_t, int64_t* from, int64_t* to) { *from = 0, *to = head_size; });
}

// ---- tiles ----

// Rows [0, rows) of `columns` floats as whole registers: in place where they are, else copied to `copy`, zero-padded.
static OCELLI_INLINE const float* whole_registers(const float* from, int64_t* stride, int64_t rows, int64_t columns,
                                                  float* copy) {
  if (columns % kWidth == 0) return from;
  const int64_t padded = round_up(columns);
  for (int64_t r = 0; r < rows; r++) {
    memcpy(copy + r * padded, from + r * *stride, sizeof(float) * static_cast<size_t>(columns));
    for (int64_t c = columns; c < padded; c++) copy[r * padded + c] = 0;
  }
  *stride = padded;
  return copy;
}

// The square of registers, transposed by swapping off-diagonal blocks of 1, 2, 4 .. lanes.
template <int kBlock>
static OCELLI_INLINE void transpose_registers(Vector (&r)[kWidth]) {
  IntVector low, high;
  for (int i = 0; i < kWidth; i++) {
    low[i] = i & kBlock ? kWidth + i - kBlock : i;
    high[i] = i & kBlock ? kWidth + i : i + kBlock;
  }
#pragma GCC unroll 16
  for (int i = 0; i < kWidth; i++)
    if (!(i & kBlock)) {
      const Vector a = r[i], b = r[i + kBlock];
      r[i] = __builtin_shuffle(a, b, low);
      r[i + kBlock] = __builtin_shuffle(a, b, high);
    }
  if constexpr (kBlock * 2 < kWidth) transpose_registers<kBlock * 2>(r);
}

// to[column][row] with row stride kQueryBlock; rows up to the next whole register become zero.
static OCELLI_INLINE void transpose_tile(const float* from, int64_t stride, int64_t rows, int64_t columns, float* to) {
  alignas(64) float part[kWidth * kWidth];
  for (int64_t row = 0; row < rows; row += kWidth)
    for (int64_t column = 0; column < columns; column += kWidth) {
      const float* square = from + row * stride + column;
      int64_t square_stride = stride;
      const int64_t height = smaller(kWidth, rows - row), width = smaller(kWidth, columns - column);
      if (height < kWidth || width < kWidth) {
        memset(part, 0, sizeof part);
        for (int64_t i = 0; i < height; i++)
          memcpy(part + i * kWidth, square + i * stride, sizeof(float) * static_cast<size_t>(width));
        square = part, square_stride = kWidth;
      }
      Vector r[kWidth];
#pragma GCC unroll 16
      for (int i = 0; i < kWidth; i++) r[i] = load(square + i * square_stride);
      transpose_registers<1>(r);
#pragma GCC unroll 16
      for (int i = 0; i < kWidth; i++)
        if (i < width) store(to + (column + i) * kQueryBlock + row, r[i]);
    }
}

}  // namespace ocelli::OCELLI_ISA
