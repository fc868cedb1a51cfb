#pragma once
// What the attention kernels are told, and who sees what: the scalars and tensors of src/cpu/attention_forward.cpp.
#include <algorithm>

#include "stream.cuh"
#include "ocelli/kernel.h"

namespace ocelli::cuda {

constexpr float kLog2OfE = 1.44269504f;

// One sequence: where its rows begin among those of the batch, and how many it has.
struct AttentionSequence {
  int64_t query_row, key_row;
  int queries, keys;
};

struct AttentionShape {
  const uint8_t* mask;  // 0 hides a key; null: none is hidden
  const float* bias;
  const int32_t* offsets;
  int batch, query_tokens, key_tokens, heads, kv_heads, head_size;
  int64_t q_stride, k_stride, v_stride;
  float scale;
  bool causal;
  int full_rows;
  int64_t bias_queries, bias_keys;

  explicit AttentionShape(const Call& call)
      : mask(call.tensor<uint8_t>(3)), bias(call.tensor(4)), offsets(call.tensor<int32_t>(5)), batch(whole(call, 0)),
        query_tokens(whole(call, 1)), key_tokens(whole(call, 2)), heads(whole(call, 3)), kv_heads(whole(call, 4)),
        head_size(whole(call, 5)), q_stride(call.size(6)), k_stride(call.size(7)), v_stride(call.size(8)),
        scale(call.real(9)), causal(call.flag(10)),
        full_rows(static_cast<int>(std::min<int64_t>(call.size(11), query_tokens))), bias_queries(call.size(12)),
        bias_keys(call.size(13)) {}

  __host__ __device__ int group() const { return heads / kv_heads; }
  __host__ __device__ int64_t out_stride() const { return static_cast<int64_t>(heads) * head_size; }

  __device__ AttentionSequence sequence(int b) const {
    if (!offsets) {
      return {static_cast<int64_t>(b) * query_tokens, static_cast<int64_t>(b) * key_tokens, query_tokens, key_tokens};
    }
    const int begin = offsets[b], count = offsets[b + 1] - begin;
    return {begin, begin, count, count};
  }

  // Where the rows of one head of a sequence begin.
  __device__ int64_t q_offset(const AttentionSequence& s, int head) const {
    return s.query_row * q_stride + static_cast<int64_t>(head) * head_size;
  }
  __device__ int64_t k_offset(const AttentionSequence& s, int kv_head) const {
    return s.key_row * k_stride + static_cast<int64_t>(kv_head) * head_size;
  }
  __device__ int64_t v_offset(const AttentionSequence& s, int kv_head) const {
    return s.key_row * v_stride + static_cast<int64_t>(kv_head) * head_size;
  }
  __device__ int64_t out_offset(const AttentionSequence& s, int head) const {
    return (s.query_row * heads + head) * head_size;
  }
  __device__ int64_t log_sum_exp_offset(const AttentionSequence& s, int head) const {
    return s.query_row * heads + static_cast<int64_t>(head) * s.queries;
  }

  // Of scores that are not of a query and a key of the sequence, 0.
  __device__ float bias_of(const AttentionSequence& s, int head, int query, int key) const {
    if (query >= s.queries || key >= s.keys) return 0;
    return bias[(head * bias_queries + query) * bias_keys + key];
  }

  // The last key that a query sees where nothing is masked.
  __device__ int last_key(const AttentionSequence& s, int query) const {
    return causal && query >= full_rows ? min(s.keys - 1, query + s.keys - s.queries) : s.keys - 1;
  }
  // The end of the keys that some of the queries [first, end) sees.
  __device__ int key_end(const AttentionSequence& s, int first, int end) const {
    return max(0, first < full_rows ? s.keys : last_key(s, end - 1) + 1);
  }

 private:
  static int whole(const Call& call, int index) { return static_cast<int>(call.size(index)); }
};

// A tile of up to 32 keys as bits. Made by a whole warp.
struct SeenKeys {
  int first;
  uint32_t present, unmasked;

  __device__ SeenKeys(const AttentionShape& shape, const AttentionSequence& s, int first_key, int count, int lane)
      : first(first_key) {
    const int left = min(count, s.keys - first_key);
    present = left >= 32 ? kAllLanes : left <= 0 ? 0 : (1u << left) - 1;
    unmasked = present;
    if (shape.mask)
      unmasked = __ballot_sync(kAllLanes, lane < left && shape.mask[s.key_row + first_key + (lane < left ? lane : 0)]);
  }

  // Those that a query of the sequence sees.
  __device__ uint32_t of(const AttentionShape& shape, const AttentionSequence& s, int query) const {
    if (query < shape.full_rows) return present;
    const int last = shape.last_key(s, query) - first;
    return last >= 31 ? unmasked : last < 0 ? 0 : unmasked & (kAllLanes >> (31 - last));
  }
};

}  // namespace ocelli::cuda
