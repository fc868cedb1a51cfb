// attention: softmax(scale * q k^T) v for each head, in tiles of 64 x 64; scores never leave a tile.
//   tensors: q, k, v, keyMask (uint8 [batch, keyTokens], 0 hides a key) or null, bias [heads, biasQueries, biasKeys] or
//            null, offsets (int32 [batch + 1]) or null, output, logSumExp
//   scalars: batch, queryTokens, keyTokens, heads, keyValueHeads, headSize, qStride, kStride, vStride (floats from one
//            token to the next, so that q, k and v may be slices of one buffer), scale, causal, fullRows, biasQueries,
//            biasKeys
// q is [batch, queryTokens, heads * headSize], k and v [batch, keyTokens, keyValueHeads * headSize]; output is as q but
// without gaps, logSumExp [batch, heads, queryTokens]. Causal: query i sees the keys up to i + keyTokens - queryTokens.
// The first fullRows queries see every key. A query that sees none gives zeros and logSumExp -infinity.
// With offsets the batch is packed: sequence b is the rows from offsets[b] to offsets[b + 1] of q, k, v and keyMask, of
// any number; queryTokens and keyTokens are those of the longest; logSumExp is [heads, tokens] for one after another.
// Tiles begin with the sequence, so that it gets the bits that it gets alone.
//
// Method: online softmax over key tiles (Milakov & Gimelshein 2018; FlashAttention, Dao et al. 2022) with the scores
// transposed, [key][query]. Only the queries are transposed then, once a block, keys and values are read in place, and
// the softmax runs down registers without a horizontal step. Causal work is skipped by register, not by tile.
//
// Measured on one Zen 3 core with AVX2, as the share of an FMA loop timed beside it (causal counts visible pairs only):
//   T 20, D 16 causal 20 %; T 33, D 32 causal 31 %, full 49 %; T 64, D 64 causal 56 %, full 71 %; T 197, D 64 full
//   70 %; T 1024, D 64 causal and full 75 %; T 1024, D 128 causal 79 %. At T 64 the products take 77 % of the time and
//   the softmax 18 %, at T 20 half and half.
// Tried: 96 or 128 keys a tile (within 3 %), 96 queries (the same, 8 % slower at T 80); copying every value tile (1 to
// 8 % slower up to T 80, but 16 % faster where rows lie a multiple of 2 KiB apart, hence whole_registers); copying key
// tiles too (0 to 8 % slower); 12 rows for a single column of registers (the same). A single query, the step of
// generation, has a path of its own, 2.3 to 2.7 times as fast. The AVX-512 code was read (no spills), not timed.
#include "attention_one_query.h"
#include "kernels.h"

namespace ocelli::OCELLI_ISA {

// log for x in [0.5, 2^24], within 2e-7 of max(1, log x): sums of probabilities whose largest is 1.
static OCELLI_INLINE Vector log_of_sum(Vector x) {
  IntVector bits = reinterpret_cast<IntVector>(x);
  IntVector exponent = ((bits - 0x3f3504f3) >> 23);  // mantissa in [sqrt(1/2), sqrt(2))
  const Vector m = reinterpret_cast<Vector>(bits - (exponent << 23)) - 1.f;
  const Vector n = __builtin_convertvector(exponent, Vector);
  const Vector square = m * m;
  return n * 0.693359375f + (m + (n * -2.12194440e-4f + (log_tail(m) - 0.5f) * square));
}

// The running softmax of a query block, one entry a lane.
struct RunningSoftmax {
  alignas(64) float max[kQueryBlock];
  alignas(64) float sum[kQueryBlock];
  alignas(64) float keep[kQueryBlock];  // what the last tile made of the output so far
  alignas(64) float gain[kQueryBlock];  // and of its own weighted values
};

// Turns a tile of scores into exponentials below the running maximum. The output stays normalized from tile to tile
// (keep + the tile's share = 1), so there is no last pass over it.
static OCELLI_INLINE void softmax_tile(const TileView& view, float* scores, RunningSoftmax& state) {
  for (int64_t lane = 0; lane < view.lanes; lane += kWidth) {
    const int64_t keys = view.keys_seen(lane + kWidth - 1);
    float* column = scores + lane;
    const Vector old_max = load(state.max + lane);
    Vector best = old_max;
    if (view.masked) {
      for (int64_t j = 0; j < keys; j++) {
        const Vector seen = view.see(load(column + j * kQueryBlock), j, lane, -kInfinity);
        store(column + j * kQueryBlock, seen);
        best = maximum(best, seen);
      }
    } else {
      for (int64_t j = 0; j < keys; j++) best = maximum(best, load(column + j * kQueryBlock));
    }
    const Vector base = best > splat(-kInfinity) ? best : Vector{};
    Vector total{};
    for (int64_t j = 0; j < keys; j++) {
      const Vector e = exp_nonpositive(load(column + j * kQueryBlock) - base);
      store(column + j * kQueryBlock, e);
      total += e;
    }
    for (int64_t j = keys; j < view.keys; j++) store(column + j * kQueryBlock, Vector{});

    const Vector kept = load(state.sum + lane) * exp_nonpositive(old_max - base);
    const Vector sum = kept + total;
    const Vector inverse = sum == Vector{} ? Vector{} : 1.f / sum;
    store(state.max + lane, best);
    store(state.sum + lane, sum);
    store(state.keep + lane, kept * inverse);
    store(state.gain + lane, inverse);
  }
}

struct ForwardTensors {
  const float *q, *k, *v;
  float *out, *log_sum_exp;
};

// One query block of one head.
static void forward_block(const AttentionShape& shape, const ForwardTensors& t, const Sequence& sequence, int64_t head,
                          int64_t first_query) {
  const int64_t size = shape.head_size, kv_head = head / (shape.heads / shape.kv_heads);
  const QueryBlock block(shape, sequence, head, first_query);
  const float* k = t.k + shape.k_offset(sequence, kv_head);
  const float* v = t.v + shape.v_offset(sequence, kv_head);
  const int64_t out_stride = shape.out_stride();
  float* out = t.out + shape.out_offset(sequence, head) + block.first * out_stride;

  const int64_t padded = round_up(size);
  float* queries = thread_scratch(Scratch::tile, kQueryBlock * (padded + kKeyBlock) + kKeyBlock * padded);
  float* scores = queries + kQueryBlock * padded;
  float* values_copy = scores + kQueryBlock * kKeyBlock;
  const float* q = t.q + shape.q_offset(sequence, head) + block.first * shape.q_stride;
  transpose_tile(q, shape.q_stride, block.count, size, queries);

  RunningSoftmax state;
  for (int64_t lane = 0; lane < block.lanes; lane++) state.max[lane] = -kInfinity, state.sum[lane] = 0;

  for (int64_t key = block.key_begin; key < block.key_end; key += kKeyBlock) {
    const TileView view(shape, block, key, block.key_end);
    product_of_scores(view, k + key * shape.k_stride, shape.k_stride, queries, size, shape.scale, scores,
                      block.bias ? block.bias + key : nullptr, shape.bias_keys, block.count);
    softmax_tile(view, scores, state);
    int64_t v_stride = shape.v_stride;
    const float* values = whole_registers(v + key * v_stride, &v_stride, view.keys, size, values_copy);
    const Product weighted = {scores, kQueryBlock, values, v_stride, out, out_stride, 1, 0, state.keep, state.gain};
    product<Layout::columns, Finish::blend>(
        weighted, size, [&](int64_t) { return block.count; },
        [&](int64_t, int64_t end, int64_t* from, int64_t* to) { *from = 0, *to = view.keys_seen(end - 1); });
  }

  for (int64_t lane = 0; lane < block.lanes; lane += kWidth) {
    const Vector sum = load(state.sum + lane);
    const Vector result = sum == Vector{} ? splat(-kInfinity) : load(state.max + lane) + log_of_sum(sum);
    store(state.max + lane, result);
  }
  memcpy(t.log_sum_exp + shape.log_sum_exp_offset(sequence, head) + block.first, state.max,
         sizeof(float) * static_cast<size_t>(block.count));
  for (int64_t lane = 0; lane < block.count; lane++)
    if (state.sum[lane] == 0) clear_rows(out + lane * out_stride, out_stride, 1, size);
}

static void forward_one(const AttentionShape& shape, const ForwardTensors& t, const Sequence& sequence, int64_t head) {
  const int64_t kv_head = head / (shape.heads / shape.kv_heads);
  const uint8_t* mask = shape.full_rows == 0 ? shape.mask_of(sequence) : nullptr;
  t.log_sum_exp[shape.log_sum_exp_offset(sequence, head)] = attend_with_one(
      t.q + shape.q_offset(sequence, head), t.k + shape.k_offset(sequence, kv_head), shape.k_stride,
      t.v + shape.v_offset(sequence, kv_head), shape.v_stride, sequence.keys, shape.head_size, shape.scale, mask,
      shape.bias_of(head, 0), t.out + shape.out_offset(sequence, head));
}

void attention(const Call& call) {
  const AttentionShape shape(call, 3);
  const ForwardTensors tensors = {call.tensor(0), call.tensor(1), call.tensor(2), call.tensor(6), call.tensor(7)};
  const int64_t blocks = shape.query_blocks();
  // A block is about 10 us of work at least, so that handing it out costs nothing.
  const int64_t work = shape.usual_pairs() / larger(1, blocks) * shape.head_size;
  const int64_t items = shape.batch * shape.heads * blocks;
  parallel_blocks(call.pool, items, (1 << 18) / larger(1, work), [&](int64_t begin, int64_t end) {
    for (int64_t item = begin; item < end; item++) {
      const Sequence sequence = shape.sequence(item / blocks / shape.heads);
      const int64_t head = item / blocks % shape.heads, first_query = item % blocks * kQueryBlock;
      if (first_query >= sequence.queries) continue;
      if (sequence.queries == 1) forward_one(shape, tensors, sequence, head);
      else forward_block(shape, tensors, sequence, head, first_query);
    }
  });
}

}  // namespace ocelli::OCELLI_ISA
