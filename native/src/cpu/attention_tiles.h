#pragma once
// What the attention kernels share: the shape of a call, what a block of queries sees of a block of keys, the tile of
// scores, the exponential and the transposition. Scores are kept transposed, `scores[key][query]`, so that a register
// holds one key and kWidth queries: maxima, sums, masks and the saved logSumExp then need no work across its lanes.
#include "attention_product.h"
#include "simd/math.h"
#include "simd/transpose.h"

namespace ocelli::OCELLI_ISA {

constexpr int64_t kQueryBlock = 64;  // queries in a tile, and the row stride of every [*, query] tile
constexpr int64_t kKeyBlock = 64;    // keys in a tile
constexpr int32_t kNever = INT32_MAX;
constexpr float kInfinity = __builtin_inff();

// One sequence: where its rows begin among those of the batch, and how many it has.
struct Sequence {
  int64_t query_row, queries, key_row, keys;
};

// What both kernels are told: their scalars, in their order, and the tensors that say who sees what and where it lies.
struct AttentionShape {
  const uint8_t* mask;  // 0 hides a key; null: none is hidden
  const float* bias;
  const int32_t* offsets;
  int64_t batch, query_tokens, key_tokens, heads, kv_heads, head_size, q_stride, k_stride, v_stride;
  float scale;
  bool causal;
  int64_t full_rows, bias_queries, bias_keys;

  AttentionShape(const Call& call, int mask_index)
      : mask(call.tensor<uint8_t>(mask_index)), bias(call.tensor(mask_index + 1)),
        offsets(call.tensor<int32_t>(mask_index + 2)), batch(call.size(0)), query_tokens(call.size(1)),
        key_tokens(call.size(2)), heads(call.size(3)), kv_heads(call.size(4)), head_size(call.size(5)),
        q_stride(call.size(6)), k_stride(call.size(7)), v_stride(call.size(8)), scale(call.real(9)),
        causal(call.flag(10)), full_rows(call.size(11)), bias_queries(call.size(12)), bias_keys(call.size(13)) {}

  int64_t query_blocks() const { return (query_tokens + kQueryBlock - 1) / kQueryBlock; }
  int64_t out_stride() const { return heads * head_size; }
  Sequence sequence(int64_t b) const {
    if (!offsets) return {b * query_tokens, query_tokens, b * key_tokens, key_tokens};
    const int64_t begin = offsets[b], count = offsets[b + 1] - begin;
    return {begin, count, begin, count};
  }
  // Pairs of a query and a key in a sequence of usual length, for cutting the work.
  int64_t usual_pairs() const {
    if (!offsets) return query_tokens * key_tokens;
    const int64_t tokens = offsets[batch] / larger(1, batch);
    return tokens * tokens;
  }

  // Where one head of a sequence begins.
  int64_t q_offset(const Sequence& s, int64_t head) const { return s.query_row * q_stride + head * head_size; }
  int64_t k_offset(const Sequence& s, int64_t head) const { return s.key_row * k_stride + head * head_size; }
  int64_t v_offset(const Sequence& s, int64_t head) const { return s.key_row * v_stride + head * head_size; }
  int64_t out_offset(const Sequence& s, int64_t head) const { return (s.query_row * heads + head) * head_size; }
  int64_t log_sum_exp_offset(const Sequence& s, int64_t head) const { return s.query_row * heads + head * s.queries; }
  const uint8_t* mask_of(const Sequence& s) const { return mask ? mask + s.key_row : nullptr; }
  const float* bias_of(int64_t head, int64_t query) const {
    return bias ? bias + (head * bias_queries + query) * bias_keys : nullptr;
  }
};

// A block of queries, `lanes` of them counting the padding to whole registers, and the range of keys that it can see.
struct QueryBlock {
  int64_t first, count, lanes, full;  // full: its first lanes see every key
  int64_t key_begin, key_end;
  int64_t last_key;  // causal: the last key that the first query sees
  const uint8_t* mask;
  const float* bias;  // of the first query and key 0

  QueryBlock(const AttentionShape& shape, const Sequence& sequence, int64_t head, int64_t first_query)
      : first(first_query), mask(shape.mask_of(sequence)), bias(shape.bias_of(head, first_query)) {
    count = smaller(kQueryBlock, sequence.queries - first);
    lanes = round_up(count);
    full = larger(0, smaller(count, shape.full_rows - first));
    key_begin = 0;
    key_end = sequence.keys;
    last_key = shape.causal ? first + sequence.keys - sequence.queries : sequence.keys;
    if (full > 0) return;
    key_end = smaller(key_end, last_key + count);
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

  TileView(const AttentionShape& shape, const QueryBlock& block, int64_t first_key, int64_t end_key)
      : key(first_key), lanes(block.lanes), full(static_cast<int32_t>(block.full)) {
    keys = smaller(kKeyBlock, end_key - key);
    const int64_t causal_diagonal = shape.causal ? block.last_key - key : keys;
    const uint8_t* mask = block.mask;
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

// exp for x <= 0 (up to rounding), within 2e-7 of the exact value: 0 below -87.7, so exp(-inf) is 0, and NaN stays NaN.
// Without vexp's upper end, a sixth shorter, and at small heads the exponentials are half of the work.
static OCELLI_INLINE Vector exp_nonpositive(Vector x) {
  const Vector clamped = maximum(splat(-88.f), x);
  const Vector magic = splat(12582912.f);  // adding and subtracting 1.5 * 2^23 rounds to the nearest integer
  const Vector shifted = clamped * 1.44269504f + magic;
  const Vector n = shifted - magic;
  Vector r = clamped - n * 0.693145752f;
  r = r - n * 1.42860677e-6f;
  // The low bits of `shifted` are n: at -127 the power of two becomes 0.
  const IntVector power = (reinterpret_cast<IntVector>(shifted) + 127) << 23;
  return exp_near_zero(r) * reinterpret_cast<Vector>(power);
}

static OCELLI_INLINE void copy_row(float* to, const float* from, int64_t columns) {
  int64_t c = 0;
  for (; c + kWidth <= columns; c += kWidth) store(to + c, load(from + c));
  for (; c < columns; c++) to[c] = from[c];
}

static OCELLI_INLINE void clear_rows(float* rows, int64_t stride, int64_t count, int64_t columns) {
  for (int64_t r = 0; r < count; r++, rows += stride) {
    int64_t c = 0;
    for (; c + kWidth <= columns; c += kWidth) store(rows + c, Vector{});
    for (; c < columns; c++) rows[c] = 0;
  }
}

// Rows [0, rows) of `columns` floats for reading in whole registers: in place, or copied to `copy` and padded with
// zeros where rows end within a register. Also copied are rows that lie a multiple of 2 KiB apart, since 64 of them
// would crowd the same few sets of an L1 cache.
static OCELLI_INLINE const float* whole_registers(const float* from, int64_t* stride, int64_t rows, int64_t columns,
                                                  float* copy) {
  if (columns % kWidth == 0 && *stride % 512 != 0) return from;
  const int64_t padded = round_up(columns);
  for (int64_t r = 0; r < rows; r++) {
    copy_row(copy + r * padded, from + r * *stride, columns);
    for (int64_t c = columns; c < padded; c++) copy[r * padded + c] = 0;
  }
  *stride = padded;
  return copy;
}

// to[column][row] with row stride kQueryBlock, both rounded up to whole registers; the added lanes are zero.
static OCELLI_INLINE void transpose_tile(const float* from, int64_t stride, int64_t rows, int64_t columns, float* to) {
  alignas(64) float part[kWidth * kWidth];
  for (int64_t row = 0; row < rows; row += kWidth)
    for (int64_t column = 0; column < columns; column += kWidth) {
      const float* block = from + row * stride + column;
      int64_t block_stride = stride;
      const int64_t height = smaller(kWidth, rows - row), width = smaller(kWidth, columns - column);
      if (height < kWidth || width < kWidth) {
        clear_rows(part, kWidth, kWidth, kWidth);
        for (int64_t i = 0; i < height; i++) copy_row(part + i * kWidth, block + i * stride, width);
        block = part, block_stride = kWidth;
      }
      transpose_block(block, block_stride, to + column * kQueryBlock + row, kQueryBlock);
    }
}

static __attribute__((noinline)) void fill_with_bias(const float* bias, int64_t stride, int64_t queries, int64_t keys,
                                                     float* scores) {
  transpose_tile(bias, stride, queries, keys, scores);
}

// scores[key][lane] = scale * keys[key] . queries[lane], only where the view may see; queries are transposed. With
// `bias`, that of the tile's first query and key, added.
static OCELLI_INLINE void product_of_scores(const TileView& view, const float* keys, int64_t stride,
                                            const float* queries, int64_t head_size, float scale, float* scores,
                                            const float* bias = nullptr, int64_t bias_stride = 0, int64_t count = 0) {
  if (bias) fill_with_bias(bias, bias_stride, count, view.keys, scores);
  const int64_t old_rows = bias ? view.keys : 0;
  const Product p = {keys, stride, queries, kQueryBlock, scores, kQueryBlock, scale, old_rows, nullptr, nullptr};
  product<Layout::rows, Finish::add>(
      p, view.lanes, [&](int64_t end) { return view.keys_seen(end - 1); },
      [&](int64_t, int64_t, int64_t* from, int64_t* to) { *from = 0, *to = head_size; });
}

}  // namespace ocelli::OCELLI_ISA
