// attention: the twin of src/cpu/attention_forward.cpp's.
//
// FlashAttention-2 (Dao 2023): a block of four warps has 64 queries of a head, 16 a warp, and goes over the keys by tiles
// of 32 (16 for heads above 128) with a running softmax; scores and the output stay in registers. While a warp works out
// scores, the tile's values are on their way (cp.async), and the next keys while it weighs those values. Tiles begin with
// the sequence and every row is worked out by itself, so that a sequence gets the bits that it gets alone. A few queries
// with many keys, the step of generation, are cut by keys instead: attention_decode.cuh.
//
// Bound by the tensor cores for float32 operands (six instructions for one 16-byte read of shared memory), by those reads
// for tf32 and bfloat16. 32 KiB of shared memory for heads of 64 and 64 KiB for 128 leave room for several blocks in a
// multiprocessor, so that one's softmax runs beside another's products.
#include "attention_decode.cuh"
#include "attention_products.cuh"
#include "attention_softmax.cuh"
#include "kernels.h"

namespace ocelli::cuda {

namespace {

constexpr int kForwardQueries = 64, kForwardThreads = 128;
__host__ __device__ constexpr int forward_keys(int depth) { return depth <= 128 ? 32 : 16; }
__host__ __device__ constexpr int forward_bytes(int depth) {
  return (kForwardQueries + 2 * forward_keys(depth)) * depth * 4;
}

template <Precision kPrecision, int kDepth>
__global__ void __launch_bounds__(kForwardThreads, kDepth <= 64 ? 3 : kDepth == 128 ? 2 : 1)
attention_of_tiles(AttentionShape shape, AttentionForward tensors, int blocks, bool wide) {
  constexpr int kKeys = forward_keys(kDepth);
  OCELLI_DYNAMIC_SHARED(query_tile, float);
  float* key_tile = query_tile + kForwardQueries * kDepth;
  float* value_tile = key_tile + kKeys * kDepth;
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int item = blockIdx.x / blocks, head = item % shape.heads, kv_head = head / shape.group();
  const AttentionSequence s = shape.sequence(item / shape.heads);
  // The last queries, which see the most, first.
  const int first = (blocks - 1 - static_cast<int>(blockIdx.x % blocks)) * kForwardQueries;
  if (first >= s.queries) return;

  const float* q = tensors.q + shape.q_offset(s, head) + first * shape.q_stride;
  const float* k = tensors.k + shape.k_offset(s, kv_head);
  const float* v = tensors.v + shape.v_offset(s, kv_head);
  const int size = shape.head_size, steps = (size + 15) / 16;
  const int end = shape.key_end(s, first, min(s.queries, first + kForwardQueries));

  const int own_first = first + warp * 16, own_count = min(16, s.queries - own_first);
  const int own_end = own_count > 0 ? shape.key_end(s, own_first, own_first + own_count) : 0;
  const int heads[2] = {head, head}, queries[2] = {own_first + lane / 4, own_first + lane / 4 + 8};
  RunningSoftmax softmax;
  float output[kDepth / 8][4] = {};

  products::load_tile<kDepth, kForwardQueries, kForwardThreads>(query_tile, q, shape.q_stride, s.queries - first, size,
                                                                wide);
  products::load_tile<kDepth, kKeys, kForwardThreads>(key_tile, k, shape.k_stride, s.keys, size, wide);
  ptx::commit_copies();
  for (int key = 0; key < end; key += kKeys) {
    ptx::wait_copies<0>();
    __syncthreads();  // the keys are there, and nobody reads the last values any more
    products::load_tile<kDepth, kKeys, kForwardThreads>(value_tile, v + key * shape.v_stride, shape.v_stride, s.keys - key,
                                                        size, wide);
    ptx::commit_copies();
    float scores[kKeys / 8][4] = {};
    if (key < own_end)
      products::multiply_rows<kPrecision, kDepth, kKeys>(scores, query_tile + warp * 16 * kDepth, key_tile, steps, lane);
    ptx::wait_copies<0>();
    __syncthreads();  // the values are there, and nobody reads these keys any more
    if (key + kKeys < end) {
      const int next = key + kKeys;
      products::load_tile<kDepth, kKeys, kForwardThreads>(key_tile, k + next * shape.k_stride, shape.k_stride,
                                                          s.keys - next, size, wide);
      ptx::commit_copies();
    }
    if (key < own_end) {
      const SeenKeys seen(shape, s, key, kKeys, lane);
      softmax.add(shape, s, seen, heads, queries, scores, output, lane);
      products::multiply_columns<kPrecision, kDepth, kKeys>(output, scores, value_tile, size, lane);
    }
  }
  ptx::wait_copies<0>();

  if (own_count <= 0) return;
  float factors[2];
#pragma unroll
  for (int half = 0; half < 2; half++) {
    const float total = sum_of_row(softmax.total[half]);
    factors[half] = total == 0 ? 0 : 1 / total;
    if (lane % 4 == 0 && queries[half] < s.queries)
      tensors.log_sum_exp[shape.log_sum_exp_offset(s, head) + queries[half]] =
          total == 0 ? -INFINITY : softmax.top[half] + logf(total);
  }
  products::store_rows<kDepth>(tensors.output + shape.out_offset(s, head) + own_first * shape.out_stride(),
                               shape.out_stride(), own_count, size, output, factors, lane);
}

}  // namespace

void attention(const Call& call) {
  const AttentionShape shape(call);
  const AttentionForward tensors = {call.tensor(0), call.tensor(1), call.tensor(2), call.tensor(6), call.tensor(7)};
  if (shape.batch == 0 || shape.query_tokens == 0) return;
  Stream& stream = *call.stream;
  const bool wide = shape.head_size % 4 == 0 && shape.q_stride % 4 == 0 && shape.k_stride % 4 == 0 &&
                    shape.v_stride % 4 == 0 && products::begins_at_16_bytes(tensors.q) &&
                    products::begins_at_16_bytes(tensors.k) && products::begins_at_16_bytes(tensors.v);
  if (is_decoding(shape)) return decode_attention(stream, shape, tensors, wide);
  const int blocks = (shape.query_tokens + kForwardQueries - 1) / kForwardQueries;
  products::with_constants(stream, shape.head_size, [&](auto precision, auto depth) {
    constexpr Precision kPrecision = decltype(precision)::value;
    constexpr int kDepth = decltype(depth)::value, kBytes = forward_bytes(kDepth);
    const auto kernel = attention_of_tiles<kPrecision, kDepth>;
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kBytes), "cudaFuncSetAttribute");
    const auto grid = static_cast<unsigned>(int64_t{shape.batch} * shape.heads * blocks);
    OCELLI_LAUNCH((attention_of_tiles<kPrecision, kDepth>), grid, kForwardThreads, kBytes, stream.handle(), shape, tensors,
                  blocks, wide);
  });
}

}  // namespace ocelli::cuda
