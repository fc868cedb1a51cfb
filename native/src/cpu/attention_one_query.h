#pragma once
// Attention of a single query, the step of generation with cached keys. Nothing is shared between queries here, so
// registers run along the head: each key is one dot product, read once, in place.
#include "attention_tiles.h"

namespace ocelli::OCELLI_ISA {

// scores[key] = scale * keys[key] . q + bias[key], -infinity where the mask hides the key and beyond the last key.
static OCELLI_INLINE void scores_of_one(const float* q, const float* keys, int64_t stride, int64_t count, int64_t size,
                                        float scale, const uint8_t* mask, const float* bias, float* scores) {
  for (int64_t key = 0; key < count; key += kWidth) {
    Vector sums[kWidth];
#pragma GCC unroll 16
    for (int i = 0; i < kWidth; i++) sums[i] = Vector{};
    for_each_vector(size, [&](int64_t d, int64_t part) {
      const Vector right = load_part(q + d, part);
#pragma GCC unroll 16
      for (int i = 0; i < kWidth; i++)  // beyond the last key, the last one again
        sums[i] += right * load_part(keys + smaller(key + i, count - 1) * stride + d, part);
    });
    alignas(64) float partial[kWidth * kWidth];  // [key][lane], then [lane][key]
#pragma GCC unroll 16
    for (int i = 0; i < kWidth; i++) store(partial + i * kWidth, sums[i]);
    transpose_block(partial, kWidth, partial, kWidth);
    Vector total{};
#pragma GCC unroll 16
    for (int i = 0; i < kWidth; i++) total += load(partial + i * kWidth);
    store(scores + key, total * scale);
    for (int64_t j = key; j < smaller(key + kWidth, count); j++)
      if (mask && !mask[j]) scores[j] = -kInfinity;
  }
  if (bias)
    for (int64_t j = 0; j < count; j++) scores[j] += bias[j];
  for (int64_t j = count; j < round_up(count); j++) scores[j] = -kInfinity;
}

// out = factor * weights[keys] . values[keys][size], kVectors registers of columns at a time.
template <int kVectors>
static OCELLI_INLINE int64_t weigh_values(const float* weights, const float* values, int64_t stride, int64_t count,
                                          int64_t begin, int64_t size, float factor, float* out) {
  for (; begin + kVectors * kWidth <= size; begin += kVectors * kWidth) {
    Vector sum[kVectors];
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; j++) sum[j] = Vector{};
    for (int64_t key = 0; key < count; key++)
#pragma GCC unroll 8
      for (int j = 0; j < kVectors; j++) sum[j] += weights[key] * load(values + key * stride + begin + j * kWidth);
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; j++) store(out + begin + j * kWidth, sum[j] * factor);
  }
  return begin;
}

// Returns logSumExp.
static float attend_with_one(const float* q, const float* keys, int64_t k_stride, const float* values, int64_t v_stride,
                             int64_t count, int64_t size, float scale, const uint8_t* mask, const float* bias,
                             float* out) {
  float* scores = thread_scratch(Scratch::row, round_up(count) + kWidth);
  scores_of_one(q, keys, k_stride, count, size, scale, mask, bias, scores);

  Vector best = splat(-kInfinity), total{};
  for (int64_t j = 0; j < count; j += kWidth) best = maximum(best, load(scores + j));
  const float top = max_lanes(best), base = top > -kInfinity ? top : 0;
  for (int64_t j = 0; j < count; j += kWidth) {
    const Vector e = exp_nonpositive(load(scores + j) - base);
    store(scores + j, e);
    total += e;
  }
  const float sum = sum_lanes(total), factor = 1 / sum;
  if (sum == 0) {  // nothing to attend to
    clear_rows(out, size, 1, size);
    return -kInfinity;
  }

  int64_t d = weigh_values<8>(scores, values, v_stride, count, 0, size, factor, out);
  d = weigh_values<2>(scores, values, v_stride, count, d, size, factor, out);
  d = weigh_values<1>(scores, values, v_stride, count, d, size, factor, out);
  for (; d < size; d++) {
    float value = 0;
    for (int64_t key = 0; key < count; key++) value += scores[key] * values[key * v_stride + d];
    out[d] = value * factor;
  }
  return base + __builtin_logf(sum);
}

}  // namespace ocelli::OCELLI_ISA
