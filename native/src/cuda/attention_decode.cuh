#pragma once
// Attention of a few queries to many keys, the step of generation with cached keys.
//
// A block has up to 16 rows, queries of all the heads that share a head of keys, and a chunk of the keys, of which each of
// its four warps takes every fourth 16. Keys and values go from memory straight into the registers of the tensor cores,
// each once: a warp has 64 numbers of depth of its 16 keys under way at a time. Warps merge in their order, then chunks
// (`merge_chunks`). Chunks depend on the number of keys alone: a row's bits do not depend on the batch.
//
// Bound by reading keys and values once; a chunk is 64 keys up to 2048 of them, so that a single sequence of 1024 keys and
// 12 heads makes 192 blocks.
#include "attention_products.cuh"
#include "attention_softmax.cuh"

namespace ocelli::cuda {

struct AttentionForward {
  const float *q, *k, *v;
  float *output, *log_sum_exp;
};

constexpr int kDecodeThreads = 128, kDecodeRows = 16, kDecodeKeys = 16;
constexpr int kMostDecodeQueries = 8, kMostChunks = 32;

// Packed sequences have as many queries as keys, so that a short one is never decoded, packed or alone.
inline bool is_decoding(const AttentionShape& shape) {
  return !shape.offsets && shape.query_tokens <= kMostDecodeQueries && shape.key_tokens > kMostDecodeQueries;
}

// What chunks hand on: of each chunk and row, the maximum, the sum of exponentials below it and the weighed values.
struct DecodePartials {
  int chunks, chunk_keys;
  float *tops, *totals, *values;  // [rows, chunks], values with headSize; rows are [batch, kvHeads, group, queryTokens]
};

// Four numbers of a row in memory, zeros where it ends.
__device__ __forceinline__ products::Part part_of_memory(const float* row, bool present, int column, int size, bool wide) {
  if (wide) {
    const float4 zero = make_float4(0, 0, 0, 0);
    const float4 four = present && column < size ? *reinterpret_cast<const float4*>(row + column) : zero;
    return {{four.x, four.y, four.z, four.w}};
  }
  products::Part part;
#pragma unroll
  for (int i = 0; i < 4; i++) part.at[i] = present && column + i < size ? row[column + i] : 0;
  return part;
}

// scores[16, 16] += of the rows in the tile and the keys at `k`
template <Precision kPrecision, int kDepth>
__device__ __forceinline__ void decode_scores(float (&scores)[2][4], const float* rows, const float* k, int64_t stride,
                                              int keys, int size, bool wide, int lane) {
  constexpr int kSteps = kDepth < 64 ? kDepth / 16 : 4;
#pragma unroll 1
  for (int first = 0; first < kDepth / 16; first += kSteps) {
    if (first * 16 >= size) break;
    products::Part parts[kSteps][2];
#pragma unroll
    for (int step = 0; step < kSteps; step++) {
#pragma unroll
      for (int j = 0; j < 2; j++) {
        const int key = j * 8 + lane / 4;
        parts[step][j] = part_of_memory(k + (key < keys ? key : 0) * stride, key < keys,
                                        (first + step) * 16 + lane % 4 * 4, size, wide);
      }
    }
#pragma unroll
    for (int step = 0; step < kSteps; step++) {
      if ((first + step) * 16 >= size) break;
      const products::Part pair[2] = {products::part_of_row<kDepth>(rows, lane / 4, first + step, lane),
                                      products::part_of_row<kDepth>(rows, lane / 4 + 8, first + step, lane)};
      const products::Left<kPrecision> a(pair);
#pragma unroll
      for (int j = 0; j < 2; j++) {
        const products::Part column[1] = {parts[step][j]};
        products::multiply<kPrecision>(scores[j], a, products::Right<kPrecision>(column));
      }
    }
  }
}

// output[16, kDepth] += weights[16, 16] times the values at `v`
template <Precision kPrecision, int kDepth>
__device__ __forceinline__ void decode_values(float (&output)[kDepth / 8][4], const float (&weights)[2][4], const float* v,
                                              int64_t stride, int keys, int size, int lane) {
  constexpr int kTogether = kDepth < 64 ? kDepth / 8 : 8;
  const products::Left<kPrecision> a = products::left_of_sums<kPrecision>(weights, 0);
#pragma unroll
  for (int first = 0; first < kDepth / 8; first += kTogether) {
    if (first * 8 >= size) break;
    products::Part parts[kTogether];
#pragma unroll
    for (int j = 0; j < kTogether; j++) {
      const int column = (first + j) * 8 + lane / 4;
#pragma unroll
      for (int i = 0; i < 4; i++) {
        const int key = lane % 4 * 2 + i % 2 + i / 2 * 8;
        parts[j].at[i] = key < keys && column < size ? v[key * stride + column] : 0;
      }
    }
#pragma unroll
    for (int j = 0; j < kTogether; j++) {
      if ((first + j) * 8 >= size) break;
      const products::Part column[1] = {parts[j]};
      products::multiply<kPrecision>(output[first + j], a, products::Right<kPrecision>(column));
    }
  }
}

template <Precision kPrecision, int kDepth>
__global__ void __launch_bounds__(kDecodeThreads, kDepth == 32 ? 4 : kDepth <= 128 ? 2 : 1)
attention_of_few(AttentionShape shape, AttentionForward tensors, DecodePartials partials, bool wide) {
  OCELLI_SHARED(tile, float[kDecodeRows * kDepth]);  // queries, then the merged output
  OCELLI_SHARED(tops, float[4][kDecodeRows]);
  OCELLI_SHARED(totals, float[4][kDecodeRows]);
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, size = shape.head_size;
  const int kv_head = blockIdx.x % shape.kv_heads, b = blockIdx.x / shape.kv_heads;
  const int rows = shape.group() * shape.query_tokens, first_row = blockIdx.y * kDecodeRows, chunk = blockIdx.z;
  const AttentionSequence s = shape.sequence(b);
  const int first_head = kv_head * shape.group();
  const auto head_of = [&](int row) { return first_head + min(first_row + row, rows - 1) / shape.query_tokens; };
  const auto query_of = [&](int row) { return min(first_row + row, rows - 1) % shape.query_tokens; };

  for (int i = threadIdx.x; i < kDecodeRows * kDepth; i += kDecodeThreads) {
    const int row = i / kDepth, column = i % kDepth;
    const bool present = first_row + row < rows && column < size;
    const int64_t at = present ? shape.q_offset(s, head_of(row)) + query_of(row) * shape.q_stride + column : 0;
    tile[row * kDepth + (column ^ products::swap_of(row))] = present ? tensors.q[at] : 0;
  }
  __syncthreads();

  const int heads[2] = {head_of(lane / 4), head_of(lane / 4 + 8)};
  const int queries[2] = {query_of(lane / 4), query_of(lane / 4 + 8)};
  const float* k = tensors.k + shape.k_offset(s, kv_head);
  const float* v = tensors.v + shape.v_offset(s, kv_head);
  const int begin = chunk * partials.chunk_keys, end = min(s.keys, begin + partials.chunk_keys);
  RunningSoftmax softmax;
  float output[kDepth / 8][4] = {};
  for (int key = begin + warp * kDecodeKeys; key < end; key += 4 * kDecodeKeys) {
    float scores[2][4] = {};
    decode_scores<kPrecision, kDepth>(scores, tile, k + key * shape.k_stride, shape.k_stride, end - key, size, wide, lane);
    const SeenKeys seen(shape, s, key, kDecodeKeys, lane);
    softmax.add(shape, s, seen, heads, queries, scores, output, lane);
    decode_values<kPrecision, kDepth>(output, scores, v + key * shape.v_stride, shape.v_stride, end - key, size, lane);
  }

#pragma unroll
  for (int half = 0; half < 2; half++) {
    const int row = lane / 4 + half * 8;
    const float total = sum_of_row(softmax.total[half]);
    if (lane % 4 == 0) {
      tops[warp][row] = softmax.top[half];
      totals[warp][row] = total;
    }
  }
  float best[2], sum[2] = {};
  for (int turn = 0; turn < 4; turn++) {
    __syncthreads();  // at first: nobody reads the queries any more, and all maxima are there
    if (turn == 0) {
#pragma unroll
      for (int half = 0; half < 2; half++) {
        const int row = lane / 4 + half * 8;
        best[half] = fmaxf(fmaxf(tops[0][row], tops[1][row]), fmaxf(tops[2][row], tops[3][row]));
        for (int w = 0; w < 4; w++) sum[half] += totals[w][row] * rescale(tops[w][row], base_of(best[half]));
      }
    }
    if (turn != warp) continue;
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const float keep = rescale(softmax.top[half], base_of(best[half]));
#pragma unroll
      for (int j = 0; j < kDepth / 8; j++) {
#pragma unroll
        for (int e = 0; e < 2; e++) {
          float& merged = tile[(lane / 4 + half * 8) * kDepth + j * 8 + lane % 4 * 2 + e];
          merged = (turn == 0 ? 0 : merged) + output[j][half * 2 + e] * keep;
        }
      }
    }
  }
  __syncthreads();

  const bool last = partials.chunks == 1;
  const int64_t partial_rows = (static_cast<int64_t>(b) * shape.kv_heads + kv_head) * rows;
  if (warp == 0 && lane % 4 == 0) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const int row = lane / 4 + half * 8;
      if (first_row + row >= rows) continue;
      const int64_t partial = (partial_rows + first_row + row) * partials.chunks + chunk;
      if (!last) {
        partials.tops[partial] = best[half];
        partials.totals[partial] = sum[half];
      } else {
        tensors.log_sum_exp[shape.log_sum_exp_offset(s, heads[half]) + queries[half]] =
            sum[half] == 0 ? -INFINITY : best[half] + logf(sum[half]);
      }
      totals[0][row] = sum[half];
    }
  }
  __syncthreads();
  for (int i = threadIdx.x; i < kDecodeRows * kDepth; i += kDecodeThreads) {
    const int row = i / kDepth, column = i % kDepth;
    if (first_row + row >= rows || column >= size) continue;
    if (last) {
      const float total = totals[0][row];
      tensors.output[shape.out_offset(s, head_of(row)) + query_of(row) * shape.out_stride() + column] =
          tile[i] * (total == 0 ? 0 : 1 / total);
    } else {
      partials.values[((partial_rows + first_row + row) * partials.chunks + chunk) * size + column] = tile[i];
    }
  }
}

// One warp for each row of queries: its lanes have a chunk each, then a column each.
__global__ void __launch_bounds__(128)
merge_chunks(AttentionShape shape, AttentionForward tensors, DecodePartials partials) {
  const int lane = threadIdx.x % 32;
  const int64_t row = blockIdx.x * int64_t{4} + threadIdx.x / 32;
  if (row >= int64_t{shape.batch} * shape.heads * shape.query_tokens) return;
  const int query = static_cast<int>(row % shape.query_tokens);
  const int64_t of_head = row / shape.query_tokens;  // [batch, kvHeads, group] is [batch, heads]
  const int head = static_cast<int>(of_head % shape.heads);
  const AttentionSequence s = shape.sequence(static_cast<int>(of_head / shape.heads));

  const bool present = lane < partials.chunks;
  const float top = present ? partials.tops[row * partials.chunks + lane] : -INFINITY;
  float best = top;
  for (int distance = 16; distance > 0; distance /= 2) best = fmaxf(best, __shfl_xor_sync(kAllLanes, best, distance));
  const float keep = rescale(top, base_of(best));
  float total = present ? partials.totals[row * partials.chunks + lane] * keep : 0;
  for (int distance = 16; distance > 0; distance /= 2) total += __shfl_xor_sync(kAllLanes, total, distance);
  if (lane == 0)
    tensors.log_sum_exp[shape.log_sum_exp_offset(s, head) + query] = total == 0 ? -INFINITY : best + logf(total);

  const float factor = total == 0 ? 0 : 1 / total;
  const float* values = partials.values + row * partials.chunks * shape.head_size;
  float* output = tensors.output + shape.out_offset(s, head) + query * shape.out_stride();
  for (int first = 0; first < shape.head_size; first += 32) {
    const int column = first + lane;
    float sum = 0;
    for (int chunk = 0; chunk < partials.chunks; chunk++) {
      const float share = __shfl_sync(kAllLanes, keep, chunk);
      if (column < shape.head_size) sum += share * values[static_cast<int64_t>(chunk) * shape.head_size + column];
    }
    if (column < shape.head_size) output[column] = sum * factor;
  }
}

inline void decode_attention(Stream& stream, const AttentionShape& shape, const AttentionForward& tensors, bool wide) {
  const int group_rows = shape.group() * shape.query_tokens;
  const int64_t rows = int64_t{shape.batch} * shape.kv_heads * group_rows;
  constexpr int kLeastChunk = 4 * kDecodeKeys;
  const int parts = (shape.key_tokens + kLeastChunk * kMostChunks - 1) / (kLeastChunk * kMostChunks);
  DecodePartials partials = {0, parts * kLeastChunk, nullptr, nullptr, nullptr};
  partials.chunks = (shape.key_tokens + partials.chunk_keys - 1) / partials.chunk_keys;
  if (partials.chunks > 1) {
    partials.tops = stream.workspace<float>(rows * partials.chunks);
    partials.totals = stream.workspace<float>(rows * partials.chunks);
    partials.values = stream.workspace<float>(rows * partials.chunks * shape.head_size);
  }
  const dim3 grid(static_cast<unsigned>(shape.batch * shape.kv_heads),
                  static_cast<unsigned>((group_rows + kDecodeRows - 1) / kDecodeRows),
                  static_cast<unsigned>(partials.chunks));
  products::with_constants(stream, shape.head_size, [&](auto precision, auto depth) {
    constexpr Precision kPrecision = decltype(precision)::value;
    constexpr int kDepth = decltype(depth)::value;
    OCELLI_LAUNCH((attention_of_few<kPrecision, kDepth>), grid, kDecodeThreads, 0, stream.handle(), shape, tensors, partials,
                  wide);
  });
  if (partials.chunks > 1)
    OCELLI_LAUNCH(merge_chunks, static_cast<unsigned>((rows + 3) / 4), 128, 0, stream.handle(), shape, tensors, partials);
}

}  // namespace ocelli::cuda
