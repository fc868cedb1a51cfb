// attention_backward: gradients of attention, with the probabilities recomputed from logSumExp tile by tile.
//   tensors: q, k, v, keyMask, bias and offsets or null, output, logSumExp, d(output), then d(q), d(k), d(v), each null if
//            not needed; bias gets no gradient
//   scalars: those of attention; d(q), d(k) and d(v) have the strides of q, k and v
// Gradients are written, not added to. Queries that saw nothing, and keys that nobody saw, get zeros.
//
// dP = d(output) v^T and dS = P (dP - delta) with delta = dot(output, d(output)); then dv = P^T d(output),
// dq = scale dS k and dk = scale dS^T q (FlashAttention, Dao et al. 2022). S and dP are transposed tiles as in the
// forward pass, so that logSumExp and delta are registers. One item is a head of keys with all the heads that it
// serves: nothing is shared between items, and sums have one order. If that leaves threads idle, keys and queries are
// cut in two passes of the same order.
//
// Measured as in attention_forward.cpp: T 20, D 16 causal 24 %; T 33, D 32 causal 37 %, full 56 %; T 64, D 64 causal
// 60 %, full 74 %; T 197, D 64 full 75 %; T 1024, D 64 causal and full 82 %, D 128 causal 82 %. Tried: zeroing the
// gradients first and adding to them (4 to 11 % slower up to T 80 than writing what comes first).
#include "attention_tiles.h"
#include "kernels.h"

namespace ocelli::OCELLI_ISA {

struct BackwardTensors {
  const float *q, *k, *v;
  const float *out, *log_sum_exp, *d_out;
  float *dq, *dk, *dv;  // null where not wanted
};

// What the backward pass needs of a query block: its queries and output gradients, transposed for the scores and in
// rows for the gradients, and per lane the saved logSumExp and dot(output, its gradient).
struct QueryTiles {
  const float *q_rows, *d_out_rows;
  int64_t q_stride, d_out_stride;
  float *queries, *d_outs, *copy;
  alignas(64) float log_sum_exp[kQueryBlock];
  alignas(64) float delta[kQueryBlock];

  void fill(const AttentionShape& shape, const BackwardTensors& t, const QueryBlock& block, const Sequence& sequence,
            int64_t head) {
    const int64_t size = shape.head_size;
    const int64_t out_offset = shape.out_offset(sequence, head) + block.first * shape.out_stride();
    const float* q = t.q + shape.q_offset(sequence, head) + block.first * shape.q_stride;
    const float* out = t.out + out_offset;
    const float* d_out = t.d_out + out_offset;
    transpose_tile(q, shape.q_stride, block.count, size, queries);
    transpose_tile(d_out, shape.out_stride(), block.count, size, d_outs);
    q_stride = shape.q_stride;
    q_rows = whole_registers(q, &q_stride, block.count, size, copy);
    d_out_stride = shape.out_stride();
    d_out_rows = whole_registers(d_out, &d_out_stride, block.count, size, copy + kQueryBlock * round_up(size));

    const float* saved = t.log_sum_exp + shape.log_sum_exp_offset(sequence, head) + block.first;
    for (int64_t lane = 0; lane < block.lanes; lane++) {
      const float value = lane < block.count ? saved[lane] : kInfinity;
      log_sum_exp[lane] = value == -kInfinity ? kInfinity : value;  // exp(score - inf) is 0: no gradient
      delta[lane] = 0;
    }
    for (int64_t lane = 0; lane < block.count; lane++) {
      Vector sum{};
      float rest = 0;
      int64_t d = 0;
      for (; d + kWidth <= size; d += kWidth)
        sum += load(out + lane * shape.out_stride() + d) * load(d_out + lane * shape.out_stride() + d);
      for (; d < size; d++) rest += out[lane * shape.out_stride() + d] * d_out[lane * shape.out_stride() + d];
      delta[lane] = sum_lanes(sum) + rest;
    }
  }
};

// scores -> probabilities, d_probabilities -> gradients of the scaled scores.
static OCELLI_INLINE void softmax_backward_tile(const TileView& view, const QueryTiles& tiles, float* scores,
                                                float* d_scores) {
  for (int64_t lane = 0; lane < view.lanes; lane += kWidth) {
    const int64_t keys = view.keys_seen(lane + kWidth - 1);
    const Vector log_sum_exp = load(tiles.log_sum_exp + lane), delta = load(tiles.delta + lane);
    for (int64_t j = 0; j < keys; j++) {
      const int64_t at = j * kQueryBlock + lane;
      Vector probability = exp_nonpositive(load(scores + at) - log_sum_exp);
      if (view.masked) probability = view.see(probability, j, lane, 0);
      store(scores + at, probability);
      store(d_scores + at, probability * (load(d_scores + at) - delta));
    }
    for (int64_t j = keys; j < view.keys; j++) {
      store(scores + j * kQueryBlock + lane, Vector{});
      store(d_scores + j * kQueryBlock + lane, Vector{});
    }
  }
}

// The keys [begin, end) whose dk and dv rows have been written; they grow upwards only.
struct WrittenKeys {
  int64_t begin, end;
};

// The share of one query block and the keys [begin, end) in the gradients: dq (rows of the block's head), dk and dv
// (rows of its keys), those that aren't null.
static void backward_block(const AttentionShape& shape, const BackwardTensors& t, const Sequence& sequence,
                           int64_t head, int64_t first_query, int64_t begin, int64_t end, WrittenKeys& written) {
  const int64_t size = shape.head_size, kv_head = head / (shape.heads / shape.kv_heads);
  const QueryBlock block(shape, sequence, head, first_query);
  float* dq = t.dq ? t.dq + shape.q_offset(sequence, head) + first_query * shape.q_stride : nullptr;
  end = smaller(end, block.key_end);
  if (larger(begin, block.key_begin) >= end) {
    if (dq) clear_rows(dq, shape.q_stride, block.count, size);
    return;
  }
  begin += larger(0, block.key_begin - begin) / kKeyBlock * kKeyBlock;  // tiles begin at multiples of kKeyBlock

  const int64_t padded = round_up(size);
  float* scratch = thread_scratch(Scratch::tile, 2 * kQueryBlock * (2 * padded + kKeyBlock) + kKeyBlock * padded);
  QueryTiles tiles;
  tiles.queries = scratch;
  tiles.d_outs = tiles.queries + kQueryBlock * padded;
  tiles.copy = tiles.d_outs + kQueryBlock * padded;
  float* keys_copy = tiles.copy + 2 * kQueryBlock * padded;
  float* scores = keys_copy + kKeyBlock * padded;
  float* d_scores = scores + kQueryBlock * kKeyBlock;
  tiles.fill(shape, t, block, sequence, head);

  for (int64_t key = begin; key < end; key += kKeyBlock) {
    const TileView view(shape, block, key, end);
    const float* k = t.k + shape.k_offset(sequence, kv_head) + key * shape.k_stride;
    const float* v = t.v + shape.v_offset(sequence, kv_head) + key * shape.v_stride;
    product_of_scores(view, k, shape.k_stride, tiles.queries, size, shape.scale, scores,
                      block.bias ? block.bias + key : nullptr, shape.bias_keys, block.count);
    product_of_scores(view, v, shape.v_stride, tiles.d_outs, size, 1, d_scores);
    softmax_backward_tile(view, tiles, scores, d_scores);

    const int64_t old_keys = written.end - key;
    const auto all_keys = [&](int64_t) { return view.keys; };
    const auto lanes_seeing = [&](int64_t j, int64_t, int64_t* from, int64_t* to) {
      *from = smaller(view.lanes_skipped(j), block.count), *to = block.count;
    };
    if (t.dv) {
      float* dv = t.dv + shape.v_offset(sequence, kv_head) + key * shape.v_stride;
      const Product p = {scores,         kQueryBlock, tiles.d_out_rows, tiles.d_out_stride, dv,
                         shape.v_stride, 1,           old_keys,         nullptr,            nullptr};
      product<Layout::rows, Finish::add>(p, size, all_keys, lanes_seeing);
    }
    if (t.dk) {
      float* dk = t.dk + shape.k_offset(sequence, kv_head) + key * shape.k_stride;
      const Product p = {d_scores,       kQueryBlock, tiles.q_rows, tiles.q_stride, dk,
                         shape.k_stride, shape.scale, old_keys,     nullptr,        nullptr};
      product<Layout::rows, Finish::add>(p, size, all_keys, lanes_seeing);
    }
    if (dq) {
      int64_t k_stride = shape.k_stride;
      const float* k_rows = whole_registers(k, &k_stride, view.keys, size, keys_copy);
      const int64_t old_queries = key > begin ? block.count : 0;
      const Product p = {d_scores,       kQueryBlock, k_rows,      k_stride, dq,
                         shape.q_stride, shape.scale, old_queries, nullptr,  nullptr};
      product<Layout::columns, Finish::add>(
          p, size, [&](int64_t) { return block.count; },
          [&](int64_t, int64_t last, int64_t* from, int64_t* to) { *from = 0, *to = view.keys_seen(last - 1); });
    }
  }
  if (written.end == 0) written.begin = begin;
  written.end = larger(written.end, end);
}

// Key chunks are multiples of the tile, so that cutting the keys doesn't move the tiles.
constexpr int64_t kKeyChunk = 4 * kKeyBlock;

// dk and dv of the keys [begin, end) of one head of keys, and dq of the heads that it serves.
static void backward_keys(const AttentionShape& shape, const BackwardTensors& t, const Sequence& sequence,
                          int64_t kv_head, int64_t begin, int64_t end) {
  end = smaller(end, sequence.keys);
  if (begin > end) return;
  const int64_t group = shape.heads / shape.kv_heads;
  WrittenKeys written = {end, 0};
  for (int64_t head = kv_head * group; head < (kv_head + 1) * group; head++)
    for (int64_t query = 0; query < sequence.queries; query += kQueryBlock)
      backward_block(shape, t, sequence, head, query, begin, end, written);

  const auto clear_others = [&](float* rows, int64_t stride) {
    const int64_t after = larger(written.end, written.begin);
    clear_rows(rows + begin * stride, stride, written.begin - begin, shape.head_size);
    clear_rows(rows + after * stride, stride, end - after, shape.head_size);
  };
  if (t.dk) clear_others(t.dk + shape.k_offset(sequence, kv_head), shape.k_stride);
  if (t.dv) clear_others(t.dv + shape.v_offset(sequence, kv_head), shape.v_stride);
}

void attention_backward(const Call& call) {
  const AttentionShape shape(call, 3);
  const BackwardTensors all = {call.tensor(0), call.tensor(1), call.tensor(2),  call.tensor(6), call.tensor(7),
                               call.tensor(8), call.tensor(9), call.tensor(10), call.tensor(11)};
  const int64_t groups = shape.batch * shape.kv_heads;
  const int64_t chunks = larger(1, (shape.key_tokens + kKeyChunk - 1) / kKeyChunk);
  // One pass has 5 products a tile and as many items as heads of keys; two passes have 7, and items enough.
  const int64_t threads = call.pool.threads(), rounds = (groups + threads - 1) / threads;
  if (!all.dq || chunks == 1 || 5 * rounds * threads <= 7 * groups) {
    const int64_t parts = all.dq ? 1 : chunks;
    const int64_t work = shape.heads / shape.kv_heads * shape.usual_pairs() * shape.head_size / parts;
    parallel_blocks(call.pool, groups * parts, (1 << 17) / larger(1, work), [&](int64_t first, int64_t last) {
      for (int64_t item = first; item < last; item++) {
        const int64_t begin = parts == 1 ? 0 : item % parts * kKeyChunk;
        const int64_t end = parts == 1 ? shape.key_tokens : begin + kKeyChunk;
        backward_keys(shape, all, shape.sequence(item / parts / shape.kv_heads), item / parts % shape.kv_heads, begin,
                      end);
      }
    });
    return;
  }
  // dk and dv by key chunks, then dq by query blocks. Each sum has the same order as above, so that results don't
  // depend on the number of threads.
  BackwardTensors keys_only = all, queries_only = all;
  keys_only.dq = nullptr;
  queries_only.dk = queries_only.dv = nullptr;
  if (all.dk || all.dv)
    parallel_for(call.pool, groups * chunks, [&](int64_t item) {
      const int64_t begin = item % chunks * kKeyChunk;
      backward_keys(shape, keys_only, shape.sequence(item / chunks / shape.kv_heads), item / chunks % shape.kv_heads,
                    begin, begin + kKeyChunk);
    });
  const int64_t blocks = shape.query_blocks();
  parallel_for(call.pool, shape.batch * shape.heads * blocks, [&](int64_t item) {
    const Sequence sequence = shape.sequence(item / blocks / shape.heads);
    const int64_t head = item / blocks % shape.heads, first_query = item % blocks * kQueryBlock;
    WrittenKeys none = {0, 0};
    if (first_query < sequence.queries)
      backward_block(shape, queries_only, sequence, head, first_query, 0, sequence.keys, none);
  });
}

}  // namespace ocelli::OCELLI_ISA
