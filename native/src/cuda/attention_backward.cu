// attention_backward: the twin of src/cpu/attention_backward.cpp's.
//
// Probabilities are recomputed from logSumExp tile by tile (FlashAttention-2, Dao 2023), in two kernels that share nothing,
// so that every sum has one order without atomics: the gradients of a block of keys go over the queries of all the heads
// that the keys serve, with tiles of scores transposed, [keys, queries]; those of a block of queries go over the keys.
// Scores that are sums of one product are in the registers where the next takes its left operand from. A third kernel
// prepares delta = dot(output, d(output)). Tiles begin with the sequence: it gets the bits that it gets alone.
//
// Bound as the forward pass; seven products instead of the least of five, for which no atomics have to be paid. Streamed
// tiles are in two stages, the next one on its way while one is worked on, but for heads above 128, of which shared memory
// holds one stage and registers either d(k) or d(v): there the two are done one after the other.
#include "attention_products.cuh"
#include "attention_shape.cuh"
#include "kernels.h"

namespace ocelli::cuda {

namespace {

struct AttentionBackward {
  const float *q, *k, *v;
  const float *output, *log_sum_exp, *d_output;
  float* delta;  // as logSumExp
  float *dq, *dk, *dv;  // null where not wanted
};

enum class Wanted { keys, values, both };

// What a block has of its own, and streams.
struct BackwardTiles {
  int rows, streamed, stages;

  __host__ __device__ constexpr explicit BackwardTiles(int depth)
      : rows(depth <= 128 ? 64 : 32), streamed(depth <= 64 ? 32 : 16), stages(depth <= 128 ? 2 : 1) {}
  __host__ __device__ constexpr int threads() const { return rows * 2; }
  __host__ __device__ constexpr int bytes(int depth) const {
    return (2 * rows + stages * 2 * streamed) * depth * 4 + stages * 2 * streamed * 4;
  }
};

// One warp for each row and head.
__global__ void __launch_bounds__(256) attention_delta(AttentionShape shape, AttentionBackward tensors) {
  const int lane = threadIdx.x % 32, warps = 8;
  const int b = blockIdx.x % shape.batch, head = blockIdx.x / shape.batch % shape.heads;
  const AttentionSequence s = shape.sequence(b);
  const int64_t first = static_cast<int64_t>(blockIdx.x / (static_cast<unsigned>(shape.batch) * shape.heads)) * 64;
  const float* output = tensors.output + shape.out_offset(s, head);
  const float* d_output = tensors.d_output + shape.out_offset(s, head);
  float* delta = tensors.delta + shape.log_sum_exp_offset(s, head);
  for (int64_t row = first + threadIdx.x / 32; row < first + 64 && row < s.queries; row += warps) {
    float sum = 0;
    for (int i = lane; i < shape.head_size; i += 32)
      sum += output[row * shape.out_stride() + i] * d_output[row * shape.out_stride() + i];
    for (int distance = 16; distance > 0; distance /= 2) sum += __shfl_xor_sync(kAllLanes, sum, distance);
    if (lane == 0) delta[row] = sum;
  }
}

// Of queries that saw nothing and of rows beyond the sequence, probabilities become 0.
__device__ __forceinline__ float usable_log_sum_exp(float x, bool present) {
  return present && x != -INFINITY ? x : INFINITY;
}

// d(k) and d(v) of a block of keys of one head of keys.
template <Precision kPrecision, int kDepth, Wanted kWanted>
__global__ void __launch_bounds__(BackwardTiles(kDepth).threads(), 2)
attention_backward_keys(AttentionShape shape, AttentionBackward tensors, int blocks, bool wide) {
  constexpr BackwardTiles kTiles(kDepth);
  constexpr int kQueries = kTiles.streamed, kThreads = kTiles.threads(), kStages = kTiles.stages;
  constexpr int kTogether = kDepth == 64 ? 1 : 2;  // of depth, so that heads of 64 do not spill registers
  constexpr int kKeyOutputs = kWanted == Wanted::values ? 1 : kDepth / 8;
  constexpr int kValueOutputs = kWanted == Wanted::keys ? 1 : kDepth / 8;
  OCELLI_DYNAMIC_SHARED(key_tile, float);
  float* value_tile = key_tile + kTiles.rows * kDepth;
  float* query_tiles = value_tile + kTiles.rows * kDepth;            // [stages, queries, depth]
  float* d_output_tiles = query_tiles + kStages * kQueries * kDepth;
  float* statistics = d_output_tiles + kStages * kQueries * kDepth;  // [stages, 2, queries]: logSumExp, delta
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int item = blockIdx.x / blocks, kv_head = item % shape.kv_heads;
  const AttentionSequence s = shape.sequence(item / shape.kv_heads);
  const int first_key = blockIdx.x % blocks * kTiles.rows;
  if (first_key >= s.keys) return;
  const int size = shape.head_size, steps = (size + 15) / 16;

  // Tiles of queries that see some of the keys: those with full rows, and those from the diagonal on.
  const int tiles = (s.queries + kQueries - 1) / kQueries;
  const int diagonal = shape.causal ? min(tiles, max(0, first_key + s.queries - s.keys) / kQueries) : 0;
  const int full = min(diagonal, (shape.full_rows + kQueries - 1) / kQueries);
  const int of_head = full + tiles - diagonal, iterations = of_head * shape.group();
  const auto first_query = [&](int iteration) {
    const int tile = iteration % of_head;
    return (tile < full ? tile : tile - full + diagonal) * kQueries;
  };

  const auto load = [&](int iteration) {
    const int head = kv_head * shape.group() + iteration / of_head, first = first_query(iteration);
    const int stage = iteration % kStages, left = s.queries - first;
    products::load_tile<kDepth, kQueries, kThreads>(query_tiles + stage * kQueries * kDepth,
                                                    tensors.q + shape.q_offset(s, head) + first * shape.q_stride,
                                                    shape.q_stride, left, size, wide);
    products::load_tile<kDepth, kQueries, kThreads>(
        d_output_tiles + stage * kQueries * kDepth,
        tensors.d_output + shape.out_offset(s, head) + first * shape.out_stride(), shape.out_stride(), left, size, wide);
    if (threadIdx.x < 2 * kQueries) {
      const int query = threadIdx.x % kQueries;
      const float* from = threadIdx.x < kQueries ? tensors.log_sum_exp : tensors.delta;
      const bool present = query < left;
      ptx::copy_async_4(statistics + stage * 2 * kQueries + threadIdx.x,
                        from + (present ? shape.log_sum_exp_offset(s, head) + first + query : 0), present);
    }
    ptx::commit_copies();
  };

  products::load_tile<kDepth, kTiles.rows, kThreads>(key_tile,
                                                     tensors.k + shape.k_offset(s, kv_head) + first_key * shape.k_stride,
                                                     shape.k_stride, s.keys - first_key, size, wide);
  products::load_tile<kDepth, kTiles.rows, kThreads>(value_tile,
                                                     tensors.v + shape.v_offset(s, kv_head) + first_key * shape.v_stride,
                                                     shape.v_stride, s.keys - first_key, size, wide);
  ptx::commit_copies();
  if (iterations > 0) load(0);

  const int own_first = first_key + warp * 16, own_count = min(16, s.keys - own_first);
  const int keys[2] = {own_first + lane / 4, own_first + lane / 4 + 8};
  bool unmasked[2];
#pragma unroll
  for (int half = 0; half < 2; half++)
    unmasked[half] = keys[half] < s.keys && (!shape.mask || shape.mask[s.key_row + keys[half]]);
  float dk[kKeyOutputs][4] = {}, dv[kValueOutputs][4] = {};

  for (int iteration = 0; iteration < iterations; iteration++) {
    ptx::wait_copies<0>();
    __syncthreads();  // this stage is there, and nobody reads the one before any more
    if (kStages > 1 && iteration + 1 < iterations) load(iteration + 1);
    const int first = first_query(iteration), head = kv_head * shape.group() + iteration / of_head;
    const int stage = iteration % kStages;
    // Whether some of this warp's keys is seen at all.
    const int last = min(first + kQueries, s.queries) - 1;
    if (own_count > 0 && (first < shape.full_rows || shape.last_key(s, last) >= own_first)) {
      const float* query_tile = query_tiles + stage * kQueries * kDepth;
      const float* d_output_tile = d_output_tiles + stage * kQueries * kDepth;
      const float* log_sum_exp = statistics + stage * 2 * kQueries;
      const float* delta = log_sum_exp + kQueries;
      float weights[kQueries / 8][4] = {};
      products::multiply_rows<kPrecision, kDepth, kQueries, kTogether>(weights, key_tile + warp * 16 * kDepth, query_tile,
                                                                       steps, lane);
      uint32_t seen = 0;
#pragma unroll
      for (int j = 0; j < kQueries / 8; j++) {
#pragma unroll
        for (int e = 0; e < 4; e++) {
          const int column = j * 8 + lane % 4 * 2 + e % 2, query = first + column, key = keys[e / 2];
          const bool sees = query < shape.full_rows ? key < s.keys : unmasked[e / 2] && key <= shape.last_key(s, query);
          float score = weights[j][e] * shape.scale;
          if (shape.bias) score += shape.bias_of(s, head, query, key);
          const float minus = usable_log_sum_exp(log_sum_exp[column], query < s.queries);
          weights[j][e] = sees ? exp2f((score - minus) * kLog2OfE) : 0;
          seen |= static_cast<uint32_t>(sees) << (j * 4 + e);
        }
      }
      if constexpr (kWanted != Wanted::keys) {
        if (tensors.dv)
          products::multiply_columns<kPrecision, kDepth, kQueries>(dv, weights, d_output_tile, size, lane);
      }
      if constexpr (kWanted != Wanted::values) {
        if (tensors.dk) {
          float d_weights[kQueries / 8][4] = {};
          products::multiply_rows<kPrecision, kDepth, kQueries, kTogether>(d_weights, value_tile + warp * 16 * kDepth,
                                                                           d_output_tile, steps, lane);
#pragma unroll
          for (int j = 0; j < kQueries / 8; j++) {
#pragma unroll
            for (int e = 0; e < 4; e++) {
              const int column = j * 8 + lane % 4 * 2 + e % 2;
              weights[j][e] = seen >> (j * 4 + e) & 1 ? weights[j][e] * (d_weights[j][e] - delta[column]) : 0;
            }
          }
          products::multiply_columns<kPrecision, kDepth, kQueries>(dk, weights, query_tile, size, lane);
        }
      }
    }
    if (kStages == 1 && iteration + 1 < iterations) {
      __syncthreads();
      load(iteration + 1);
    }
  }
  ptx::wait_copies<0>();

  if constexpr (kWanted != Wanted::values) {
    if (tensors.dk) {
      const float factors[2] = {shape.scale, shape.scale};
      products::store_rows<kDepth>(tensors.dk + shape.k_offset(s, kv_head) + own_first * shape.k_stride, shape.k_stride,
                                   own_count, size, dk, factors, lane);
    }
  }
  if constexpr (kWanted != Wanted::keys) {
    if (tensors.dv) {
      const float factors[2] = {1, 1};
      products::store_rows<kDepth>(tensors.dv + shape.v_offset(s, kv_head) + own_first * shape.v_stride, shape.v_stride,
                                   own_count, size, dv, factors, lane);
    }
  }
}

// d(q) of a block of queries of one head.
template <Precision kPrecision, int kDepth>
__global__ void __launch_bounds__(BackwardTiles(kDepth).threads(), kDepth <= 64 ? 3 : 2)
attention_backward_queries(AttentionShape shape, AttentionBackward tensors, int blocks, bool wide) {
  constexpr BackwardTiles kTiles(kDepth);
  constexpr int kKeys = kTiles.streamed, kThreads = kTiles.threads(), kStages = kTiles.stages;
  OCELLI_DYNAMIC_SHARED(query_tile, float);
  float* d_output_tile = query_tile + kTiles.rows * kDepth;
  float* key_tiles = d_output_tile + kTiles.rows * kDepth;  // [stages, keys, depth]
  float* value_tiles = key_tiles + kStages * kKeys * kDepth;
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int item = blockIdx.x / blocks, head = item % shape.heads, kv_head = head / shape.group();
  const AttentionSequence s = shape.sequence(item / shape.heads);
  // The last queries, which see the most, first.
  const int first = (blocks - 1 - static_cast<int>(blockIdx.x % blocks)) * kTiles.rows;
  if (first >= s.queries) return;
  const int size = shape.head_size, steps = (size + 15) / 16;
  const int end = shape.key_end(s, first, min(s.queries, first + kTiles.rows));

  const auto load = [&](int key) {
    const int stage = key / kKeys % kStages;
    products::load_tile<kDepth, kKeys, kThreads>(key_tiles + stage * kKeys * kDepth,
                                                 tensors.k + shape.k_offset(s, kv_head) + key * shape.k_stride,
                                                 shape.k_stride, s.keys - key, size, wide);
    products::load_tile<kDepth, kKeys, kThreads>(value_tiles + stage * kKeys * kDepth,
                                                 tensors.v + shape.v_offset(s, kv_head) + key * shape.v_stride,
                                                 shape.v_stride, s.keys - key, size, wide);
    ptx::commit_copies();
  };
  const int64_t output_row = shape.out_offset(s, head) + first * shape.out_stride();
  products::load_tile<kDepth, kTiles.rows, kThreads>(query_tile,
                                                     tensors.q + shape.q_offset(s, head) + first * shape.q_stride,
                                                     shape.q_stride, s.queries - first, size, wide);
  products::load_tile<kDepth, kTiles.rows, kThreads>(d_output_tile, tensors.d_output + output_row, shape.out_stride(),
                                                     s.queries - first, size, wide);
  ptx::commit_copies();
  if (end > 0) load(0);

  const int own_first = first + warp * 16, own_count = min(16, s.queries - own_first);
  const int own_end = own_count > 0 ? shape.key_end(s, own_first, own_first + own_count) : 0;
  int queries[2];
  float log_sum_exp[2], delta[2];
#pragma unroll
  for (int half = 0; half < 2; half++) {
    queries[half] = own_first + lane / 4 + half * 8;
    const bool present = queries[half] < s.queries;
    const int64_t at = shape.log_sum_exp_offset(s, head) + queries[half];
    log_sum_exp[half] = usable_log_sum_exp(present ? tensors.log_sum_exp[at] : 0, present);
    delta[half] = present ? tensors.delta[at] : 0;
  }
  float dq[kDepth / 8][4] = {};

  for (int key = 0; key < end; key += kKeys) {
    ptx::wait_copies<0>();
    __syncthreads();  // this stage is there, and nobody reads the one before any more
    if (kStages > 1 && key + kKeys < end) load(key + kKeys);
    if (key < own_end) {
      const float* key_tile = key_tiles + key / kKeys % kStages * kKeys * kDepth;
      const float* value_tile = value_tiles + key / kKeys % kStages * kKeys * kDepth;
      float weights[kKeys / 8][4] = {}, d_weights[kKeys / 8][4] = {};
      products::multiply_rows<kPrecision, kDepth, kKeys>(weights, query_tile + warp * 16 * kDepth, key_tile, steps, lane);
      products::multiply_rows<kPrecision, kDepth, kKeys>(d_weights, d_output_tile + warp * 16 * kDepth, value_tile, steps,
                                                         lane);
      const SeenKeys keys(shape, s, key, kKeys, lane);
      const uint32_t seen[2] = {keys.of(shape, s, queries[0]), keys.of(shape, s, queries[1])};
#pragma unroll
      for (int j = 0; j < kKeys / 8; j++) {
#pragma unroll
        for (int e = 0; e < 4; e++) {
          const int column = j * 8 + lane % 4 * 2 + e % 2, half = e / 2;
          float score = weights[j][e] * shape.scale;
          if (shape.bias) score += shape.bias_of(s, head, queries[half], key + column);
          const float probability = exp2f((score - log_sum_exp[half]) * kLog2OfE);
          weights[j][e] = seen[half] >> column & 1 ? probability * (d_weights[j][e] - delta[half]) : 0;
        }
      }
      products::multiply_columns<kPrecision, kDepth, kKeys>(dq, weights, key_tile, size, lane);
    }
    if (kStages == 1 && key + kKeys < end) {
      __syncthreads();
      load(key + kKeys);
    }
  }
  ptx::wait_copies<0>();
  const float factors[2] = {shape.scale, shape.scale};
  products::store_rows<kDepth>(tensors.dq + shape.q_offset(s, head) + own_first * shape.q_stride, shape.q_stride, own_count,
                               size, dq, factors, lane);
}

template <Precision kPrecision, int kDepth, Wanted kWanted>
void launch_backward_keys(Stream& stream, const AttentionShape& shape, const AttentionBackward& tensors, bool wide) {
  constexpr BackwardTiles kTiles(kDepth);
  constexpr int kBytes = kTiles.bytes(kDepth);
  const auto kernel = attention_backward_keys<kPrecision, kDepth, kWanted>;
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kBytes), "cudaFuncSetAttribute");
  const int blocks = (shape.key_tokens + kTiles.rows - 1) / kTiles.rows;
  const auto grid = static_cast<unsigned>(int64_t{shape.batch} * shape.kv_heads * blocks);
  OCELLI_LAUNCH((attention_backward_keys<kPrecision, kDepth, kWanted>), grid, kTiles.threads(), kBytes, stream.handle(),
                shape, tensors, blocks, wide);
}

template <Precision kPrecision, int kDepth>
void launch_backward(Stream& stream, const AttentionShape& shape, const AttentionBackward& tensors, bool wide) {
  if (shape.key_tokens > 0) {
    if constexpr (kDepth <= 128) {
      if (tensors.dk || tensors.dv) launch_backward_keys<kPrecision, kDepth, Wanted::both>(stream, shape, tensors, wide);
    } else {
      if (tensors.dk) launch_backward_keys<kPrecision, kDepth, Wanted::keys>(stream, shape, tensors, wide);
      if (tensors.dv) launch_backward_keys<kPrecision, kDepth, Wanted::values>(stream, shape, tensors, wide);
    }
  }
  if (!tensors.dq || shape.query_tokens == 0) return;
  constexpr BackwardTiles kTiles(kDepth);
  constexpr int kBytes = kTiles.bytes(kDepth);
  const auto kernel = attention_backward_queries<kPrecision, kDepth>;
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kBytes), "cudaFuncSetAttribute");
  const int blocks = (shape.query_tokens + kTiles.rows - 1) / kTiles.rows;
  const auto grid = static_cast<unsigned>(int64_t{shape.batch} * shape.heads * blocks);
  OCELLI_LAUNCH((attention_backward_queries<kPrecision, kDepth>), grid, kTiles.threads(), kBytes, stream.handle(), shape,
                tensors, blocks, wide);
}

}  // namespace

void attention_backward(const Call& call) {
  const AttentionShape shape(call);
  if (shape.batch == 0) return;
  Stream& stream = *call.stream;
  const int64_t rows = int64_t{shape.batch} * shape.heads * shape.query_tokens;  // packed ones are fewer
  float* delta = stream.workspace<float>(rows);
  const AttentionBackward tensors = {call.tensor(0), call.tensor(1), call.tensor(2), call.tensor(6),  call.tensor(7),
                                     call.tensor(8), delta,          call.tensor(9), call.tensor(10), call.tensor(11)};
  const bool wide = shape.head_size % 4 == 0 && shape.q_stride % 4 == 0 && shape.k_stride % 4 == 0 &&
                    shape.v_stride % 4 == 0 && products::begins_at_16_bytes(tensors.q) &&
                    products::begins_at_16_bytes(tensors.k) && products::begins_at_16_bytes(tensors.v) &&
                    products::begins_at_16_bytes(tensors.d_output);
  if (rows > 0) {
    const auto grid = static_cast<unsigned>(int64_t{shape.batch} * shape.heads * ((shape.query_tokens + 63) / 64));
    OCELLI_LAUNCH(attention_delta, grid, 256, 0, stream.handle(), shape, tensors);
  }
  products::with_constants(stream, shape.head_size, [&](auto precision, auto depth) {
    launch_backward<decltype(precision)::value, decltype(depth)::value>(stream, shape, tensors, wide);
  });
}

}  // namespace ocelli::cuda
