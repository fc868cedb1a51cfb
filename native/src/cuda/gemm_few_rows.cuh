#pragma once
// y[rows, columns] = epilogue(x W^T) for one to eight rows: decoding.
//
// Bound by reading the weight once: a warp reads rows of it, 16 bytes a lane and several rows of outputs at once, and sums in
// float32 on the ordinary units. x goes piece by piece through shared memory, in the order in which lanes ask for it. With
// eight rows, arithmetic is the bound for int8 (8 multiplications for each byte) and for 4 bits.
//
// A lane's sums are in the order of the inputs, lanes are added in a tree: a row's bits do not depend on the rows beside it.
#include "gemm_epilogue.cuh"
#include "weight_format.cuh"

namespace ocelli::cuda::gemm {

constexpr int kMostFewRows = 8;
constexpr int kInPieceOfX = 1024;  // inputs
constexpr int kFewRowsWarps = 4;

struct FewRows {
  const float* x;  // [rows, inputs]
  int rows;
  int64_t inputs;
  const void* packed;
  const float* factors;  // of a 4-bit weight
  Levels levels;
  Epilogue epilogue;
};

template <class Numbers, int kRows, int kOutputs>
__global__ void __launch_bounds__(kFewRowsWarps * 32) multiply_few_rows(FewRows product) {
  constexpr int kThreads = kFewRowsWarps * 32, kColumns = kFewRowsWarps * kOutputs;
  constexpr int kInLoad = 128 / Numbers::kBits, kQuads = kInLoad / 4;  // numbers in 16 bytes
  constexpr int kLoads = kInPieceOfX / (32 * kInLoad);
  OCELLI_SHARED(x, float4[kRows][kInPieceOfX / 4]);
  OCELLI_SHARED(levels, float[kCodes]);
  OCELLI_SHARED(totals, float[kRows][kColumns]);
  if (Numbers::kGroups) share_levels(levels, product.levels);
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int64_t first = static_cast<int64_t>(blockIdx.x) * kColumns, own = first + warp * kOutputs;
  const int64_t depth = filled_up(product.inputs), groups = depth / kGroup, stride = depth * Numbers::kBits / 8;
  const char* rows_of_weight = static_cast<const char*>(product.packed) + own * stride;

  float sums[kRows][kOutputs] = {};
  for (int64_t piece = 0; piece < depth; piece += kInPieceOfX) {
    __syncthreads();
    for (int i = threadIdx.x; i < kRows * kInPieceOfX; i += kThreads) {
      const int row = i / kInPieceOfX, at = i % kInPieceOfX, quad = at / 4;
      const int64_t input = piece + at;
      // Of the quads of one load, all lanes' first ones lie side by side, then the second ones.
      const int load = quad / (32 * kQuads), in_load = quad % (32 * kQuads);
      float4& to = x[row][load * 32 * kQuads + in_load % kQuads * 32 + in_load / kQuads];
      reinterpret_cast<float*>(&to)[at % 4] =
          row < product.rows && input < product.inputs ? product.x[row * product.inputs + input] : 0.f;
    }
    __syncthreads();
#pragma unroll
    for (int load = 0; load < kLoads; load++) {
      const int64_t input = piece + (load * 32 + lane) * kInLoad;
      if (input >= depth) continue;
      uint4 read[kOutputs];
      float factor[kOutputs];
#pragma unroll
      for (int j = 0; j < kOutputs; j++) {
        read[j] = __ldg(reinterpret_cast<const uint4*>(rows_of_weight + j * stride + input * Numbers::kBits / 8));
        if (Numbers::kGroups) factor[j] = __ldg(product.factors + (own + j) * groups + input / kGroup);
      }
#pragma unroll
      for (int quad = 0; quad < kQuads; quad++) {
        float w[kOutputs][4];
#pragma unroll
        for (int j = 0; j < kOutputs; j++) {
          Numbers::widen(w[j], Numbers::part(read[j], quad), levels);
          if (Numbers::kGroups)
#pragma unroll
            for (int e = 0; e < 4; e++) w[j][e] *= factor[j];
        }
#pragma unroll
        for (int row = 0; row < kRows; row++) {
          const float4 four = x[row][(load * kQuads + quad) * 32 + lane];
#pragma unroll
          for (int j = 0; j < kOutputs; j++) {
            sums[row][j] = __fmaf_rn(four.x, w[j][0], sums[row][j]);
            sums[row][j] = __fmaf_rn(four.y, w[j][1], sums[row][j]);
            sums[row][j] = __fmaf_rn(four.z, w[j][2], sums[row][j]);
            sums[row][j] = __fmaf_rn(four.w, w[j][3], sums[row][j]);
          }
        }
      }
    }
  }
#pragma unroll
  for (int row = 0; row < kRows; row++)
#pragma unroll
    for (int j = 0; j < kOutputs; j++) {
      float sum = sums[row][j];
#pragma unroll
      for (int distance = 16; distance > 0; distance /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, distance);
      if (lane == 0) totals[row][warp * kOutputs + j] = sum;
    }
  __syncthreads();
  const int row = threadIdx.x / (kColumns / kEight), column = threadIdx.x % (kColumns / kEight) * kEight;
  if (row >= product.rows || first + column >= product.epilogue.columns) return;
  float eight[kEight];
#pragma unroll
  for (int i = 0; i < kEight; i++) eight[i] = totals[row][column + i];
  finish(product.epilogue, row, first + column, eight);
}

template <class Numbers>
void multiply_few(Stream& stream, const FewRows& product) {
  const auto launch = [&](auto kernel, int outputs) {
    const int64_t columns = kFewRowsWarps * outputs;
    const unsigned blocks = static_cast<unsigned>((product.epilogue.columns + columns - 1) / columns);
    if (blocks > 0) OCELLI_LAUNCH(kernel, blocks, kFewRowsWarps * 32, 0, stream.handle(), product);
  };
  if (product.rows == 1) launch(multiply_few_rows<Numbers, 1, 2>, 2);
  else if (product.rows == 2) launch(multiply_few_rows<Numbers, 2, 2>, 2);
  else if (product.rows <= 4) launch(multiply_few_rows<Numbers, 4, 4>, 4);
  else launch(multiply_few_rows<Numbers, 8, 4>, 4);
}

}  // namespace ocelli::cuda::gemm
