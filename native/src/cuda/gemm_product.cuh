#pragma once
// y[rows, columns] = epilogue(A B): A of float32, B of float32 or of a packed weight, on the tensor cores.
//
// A block of threads has a tile of the result. Tiles of both operands come in steps of 32 of the depth, three stages of
// cp.async ahead, in the numbers that are stored; fragments are widened and rounded between shared memory and registers.
// Sums go over shared memory into whole rows, eight columns a thread, where the epilogue finishes them.
//
// Precision::float32 takes an operand as the sum of two tf32 numbers, high and low, and leaves out low times low: what is lost
// is 2^-22 of a product, where float32 itself loses 2^-24. Numbers of 16 or 8 bits have no low part, so two products do.
//
// Bound by operations: a warp of the large tile makes 16 products for eight fragments of A and four of B, so that shared
// memory is read half as fast as it can be while tensor cores are busy with tf32 numbers (with bfloat16, as fast as they are).
// Every element sums in the same order whatever the tile is, so a row's bits do not depend on how many rows there are.
#include "gemm_epilogue.cuh"
#include "gemm_operand.cuh"

namespace ocelli::cuda::gemm {

constexpr int kStages = 3;

// kRows x kColumns of the result by kWarpRows x kWarpColumns warps; kBlocks of them are to be on a multiprocessor.
template <int kRowsOf, int kColumnsOf, int kWarpRowsOf, int kWarpColumnsOf, int kBlocksOf>
struct Shape {
  static constexpr int kRows = kRowsOf, kColumns = kColumnsOf, kWarpColumns = kWarpColumnsOf;
  static constexpr int kThreads = kWarpRowsOf * kWarpColumnsOf * 32, kBlocks = kBlocksOf;
  static constexpr int kRowsOfWarp = kRows / kWarpRowsOf, kColumnsOfWarp = kColumns / kWarpColumnsOf;
  static constexpr int kTilesDown = kRowsOfWarp / 16, kTilesAcross = kColumnsOfWarp / 8;
  static constexpr int kSumStride = kColumns + 8;  // what the lanes of half a warp write lies in different banks
};
// On sm_80, shared memory has room for one large tile of float32 operands or for three small ones; registers must, too.
using LargeShape = Shape<128, 128, 2, 4, 1>;
using SmallShape = Shape<64, 64, 2, 2, 3>;

struct Product {
  Source a, b;
  int64_t rows, columns, depth;
  int64_t depth_of_split;  // what one of gridDim.y parts sums up, a multiple of kTileDepth
  const float* factors;    // of a 4-bit weight
  int64_t groups;
  Levels levels;
  Epilogue epilogue;
  float* sums = nullptr;  // [rows], of a over its depth, for products that make them
};

template <class ShapeOf, bool kDepthInnerA, class Numbers, bool kDepthInnerB>
struct Tiles {
  using A = OperandTile<Float32Numbers, kDepthInnerA, ShapeOf::kRows>;
  using B = OperandTile<Numbers, kDepthInnerB, ShapeOf::kColumns>;
  static constexpr int kBytesOfStage = A::kBytes + B::kBytes + B::kFactors * 4;
  static constexpr int kBytesOfLevels = Numbers::kGroups ? kCodes * 4 : 0;
  static constexpr int kBytesOfSums = ShapeOf::kRows * ShapeOf::kSumStride * 4;
  static constexpr int kBytes = kStages * kBytesOfStage + kBytesOfLevels > kBytesOfSums
                                    ? kStages * kBytesOfStage + kBytesOfLevels
                                    : kBytesOfSums;
};

// A number as high and low parts in tf32. Infinity, numbers from 2^128 - 2^116 on and NaN make the sum NaN.
struct Parts {
  uint32_t high, low;
};
__device__ __forceinline__ Parts parts_of(float x) {
  const uint32_t high = (__float_as_uint(x) + 0x1000u) & 0xffffe000u;
  return {high, __float_as_uint(x - __uint_as_float(high))};
}

// sums += the products of kDown x kAcross fragments, a[2 i] and a[2 i + 1] the upper and lower eight rows.
template <Precision kPrecision, bool kExactB, int kDown, int kAcross>
__device__ __forceinline__ void multiply_floats(float (&sums)[kDown][kAcross][4], const float (&a)[2 * kDown][4],
                                                const float (&b)[kAcross][4]) {
#pragma unroll
  for (int half = 0; half < 2; half++) {
    uint32_t high_b[kAcross][2], low_b[kAcross][2];
#pragma unroll
    for (int j = 0; j < kAcross; j++)
#pragma unroll
      for (int e = 0; e < 2; e++) {
        const float x = b[j][2 * half + e];
        if constexpr (kExactB) {
          high_b[j][e] = __float_as_uint(x);
        } else if constexpr (kPrecision == Precision::float32) {
          const Parts parts = parts_of(x);
          high_b[j][e] = parts.high, low_b[j][e] = parts.low;
        } else {
          high_b[j][e] = ptx::to_tf32(x);
        }
      }
#pragma unroll
    for (int i = 0; i < kDown; i++) {
      uint32_t high_a[4], low_a[4];
#pragma unroll
      for (int e = 0; e < 4; e++) {
        const float x = a[2 * i + e % 2][2 * half + e / 2];
        if constexpr (kPrecision == Precision::float32) {
          const Parts parts = parts_of(x);
          high_a[e] = parts.high, low_a[e] = parts.low;
        } else {
          high_a[e] = ptx::to_tf32(x);
        }
      }
      // The small products first, and one kind after another, as a product waits for the sum before it.
      if constexpr (kPrecision == Precision::float32) {
#pragma unroll
        for (int j = 0; j < kAcross; j++) ptx::multiply_tf32(sums[i][j], low_a, high_b[j]);
        if constexpr (!kExactB)
#pragma unroll
          for (int j = 0; j < kAcross; j++) ptx::multiply_tf32(sums[i][j], high_a, low_b[j]);
      }
#pragma unroll
      for (int j = 0; j < kAcross; j++) ptx::multiply_tf32(sums[i][j], high_a, high_b[j]);
    }
  }
}

// kSums: the sums of A's lines over the depth, in float32 whatever the precision is, are made beside the product by the blocks
// of the first columns, from the tiles that they have in shared memory anyway. A's lines must lie inside for that.
template <class ShapeOf, bool kDepthInnerA, class Numbers, bool kDepthInnerB, Precision kPrecision, bool kSums>
__global__ void __launch_bounds__(ShapeOf::kThreads, ShapeOf::kBlocks) multiply_tiles(Product product) {
  using Memory = Tiles<ShapeOf, kDepthInnerA, Numbers, kDepthInnerB>;
  using A = typename Memory::A;
  using B = typename Memory::B;
  constexpr int kThreads = ShapeOf::kThreads, kDown = ShapeOf::kTilesDown, kAcross = ShapeOf::kTilesAcross;
  OCELLI_DYNAMIC_SHARED(shared, unsigned char);
  float* levels = reinterpret_cast<float*>(shared + kStages * Memory::kBytesOfStage);
  if (Numbers::kGroups) share_levels(levels, product.levels);

  const int64_t row_blocks = (product.rows + ShapeOf::kRows - 1) / ShapeOf::kRows;
  const int64_t first_row = blockIdx.x % row_blocks * ShapeOf::kRows;
  const int64_t first_column = blockIdx.x / row_blocks * ShapeOf::kColumns;
  const int64_t begin = blockIdx.y * product.depth_of_split;
  const int64_t left = product.depth - begin;
  const int64_t depth = left < product.depth_of_split ? left : product.depth_of_split;
  const int steps = static_cast<int>((depth + kTileDepth - 1) / kTileDepth);
  const auto load = [&](int step) {
    if (step < steps) {
      unsigned char* stage = shared + step % kStages * Memory::kBytesOfStage;
      const int64_t at = begin + static_cast<int64_t>(step) * kTileDepth;
      A::template load<kThreads>(stage, product.a, first_row, at);
      B::template load<kThreads>(stage + A::kBytes, product.b, first_column, at);
      if constexpr (Numbers::kGroups)
        B::template load_factors<kThreads>(reinterpret_cast<float*>(stage + A::kBytes + B::kBytes), product.factors,
                                           product.groups, product.b, first_column, at);
    }
    ptx::commit_copies();
  };
#pragma unroll
  for (int step = 0; step < kStages - 1; step++) load(step);

  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int row = warp / ShapeOf::kWarpColumns * ShapeOf::kRowsOfWarp;
  const int column = warp % ShapeOf::kWarpColumns * ShapeOf::kColumnsOfWarp;
  float sums[kDown][kAcross][4] = {};
  double sum_of_line = 0;
  for (int step = 0; step < steps; step++) {
    ptx::wait_copies<kStages - 2>();
    __syncthreads();  // the copies of this step are there, and everyone is done with the stage that the next load fills
    load(step + kStages - 1);
    const unsigned char* stage = shared + step % kStages * Memory::kBytesOfStage;
    if constexpr (kSums)
      if (first_column == 0) sum_of_line += A::template half_sum<kThreads>(stage);
    const Decoding decoding = {levels, reinterpret_cast<const float*>(stage + A::kBytes + B::kBytes)};
#pragma unroll
    for (int k = 0; k < kTileDepth; k += 16) {
      if constexpr (kPrecision == Precision::bfloat16) {
        uint32_t a[2 * kDown][2], b[kAcross][2];
        A::pairs(a, stage, row, k, lane, decoding);
        B::pairs(b, stage + A::kBytes, column, k, lane, decoding);
#pragma unroll
        for (int i = 0; i < kDown; i++) {
          const uint32_t rows[4] = {a[2 * i][0], a[2 * i + 1][0], a[2 * i][1], a[2 * i + 1][1]};
#pragma unroll
          for (int j = 0; j < kAcross; j++) ptx::multiply_bfloat16(sums[i][j], rows, b[j]);
        }
      } else {
        float a[2 * kDown][4], b[kAcross][4];
        A::floats(a, stage, row, k, lane, decoding);
        B::floats(b, stage + A::kBytes, column, k, lane, decoding);
        multiply_floats<kPrecision, Numbers::kExactTf32>(sums, a, b);
      }
    }
  }

  if (kSums && first_column == 0) {
    sum_of_line += __shfl_xor_sync(kAllLanes, sum_of_line, 1);
    const int64_t line = first_row + threadIdx.x / 2;
    if (threadIdx.x % 2 == 0 && line < product.rows)
      product.sums[blockIdx.y * product.rows + line] = static_cast<float>(sum_of_line);
  }
  ptx::wait_copies<0>();
  __syncthreads();
  float* all = reinterpret_cast<float*>(shared);
#pragma unroll
  for (int i = 0; i < kDown; i++)
#pragma unroll
    for (int j = 0; j < kAcross; j++)
#pragma unroll
      for (int half = 0; half < 2; half++)
        *reinterpret_cast<float2*>(&all[(row + i * 16 + half * 8 + lane / 4) * ShapeOf::kSumStride + column + j * 8 +
                                        lane % 4 * 2]) = make_float2(sums[i][j][2 * half], sums[i][j][2 * half + 1]);
  __syncthreads();
  Epilogue epilogue = product.epilogue;
  epilogue.y += blockIdx.y * product.rows * product.columns;
#pragma unroll 1
  for (int i = threadIdx.x; i < ShapeOf::kRows * ShapeOf::kColumns / kEight; i += kThreads) {
    const int down = i / (ShapeOf::kColumns / kEight), across = i % (ShapeOf::kColumns / kEight) * kEight;
    if (first_row + down >= product.rows || first_column + across >= product.columns) continue;
    float eight[kEight];
    load_eight(eight, &all[down * ShapeOf::kSumStride + across], kEight, true);
    finish(epilogue, first_row + down, first_column + across, eight);
  }
}

// Adds the sums of the parts [splits][rows][columns] in their order. Bound by reading them.
template <int kThreads>
__global__ void __launch_bounds__(kThreads) add_splits(const float* parts, int splits, int64_t rows, Epilogue epilogue) {
  const int64_t eights = (epilogue.columns + kEight - 1) / kEight, stride = static_cast<int64_t>(gridDim.x) * kThreads;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < rows * eights; i += stride) {
    const int64_t row = i / eights, column = i % eights * kEight;
    const int count = eight_or_less(epilogue.columns - column);
    float sums[kEight] = {}, part[kEight] = {};
    for (int split = 0; split < splits; split++) {
      load_eight(part, parts + (split * rows + row) * epilogue.columns + column, count, epilogue.wide);
#pragma unroll
      for (int j = 0; j < kEight; j++) sums[j] += part[j];
    }
    finish(epilogue, row, column, sums);
  }
}

inline int64_t blocks_of(int64_t count, int64_t size) { return (count + size - 1) / size; }

template <class ShapeOf, bool kDepthInnerA, class Numbers, bool kDepthInnerB, Precision kPrecision, bool kSums>
void launch_tiles(Stream& stream, Product product, bool may_split) {
  constexpr int kBytes = Tiles<ShapeOf, kDepthInnerA, Numbers, kDepthInnerB>::kBytes, kLeast = 8 * kTileDepth;
  const auto kernel = multiply_tiles<ShapeOf, kDepthInnerA, Numbers, kDepthInnerB, kPrecision, kSums>;
  const int64_t blocks = blocks_of(product.rows, ShapeOf::kRows) * blocks_of(product.columns, ShapeOf::kColumns);
  // Two blocks for each multiprocessor, but none that sums less than is worth its own pass over the result.
  const int64_t wanted = may_split ? std::min(2 * stream.multiprocessors() / blocks, product.depth / kLeast) : 1;
  product.depth_of_split =
      std::max<int64_t>(1, blocks_of(blocks_of(product.depth, std::max<int64_t>(1, wanted)), kTileDepth)) * kTileDepth;
  const int64_t splits = std::max<int64_t>(1, blocks_of(product.depth, product.depth_of_split));
  const Epilogue epilogue = product.epilogue;
  float* sums = product.sums;
  if (splits > 1) {
    if (kSums) product.sums = stream.workspace<float>(splits * product.rows);
    float* parts = stream.workspace<float>(splits * product.rows * product.columns);
    product.epilogue = {nullptr, nullptr, nullptr, nullptr, parts, product.columns, kNoActivation};
  }
  if (kBytes > 48 * 1024)
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kBytes), "cudaFuncSetAttribute");
  const dim3 grid(static_cast<unsigned>(blocks), static_cast<unsigned>(splits));
  OCELLI_LAUNCH(kernel, grid, ShapeOf::kThreads, kBytes, stream.handle(), product);
  if (splits == 1) return;
  Epilogue last = epilogue;
  last.wide = last.wide && product.epilogue.wide;
  const unsigned grid_of_sums = blocks_for(product.rows * blocks_of(product.columns, kEight), 256);
  OCELLI_LAUNCH((add_splits<256>), grid_of_sums, 256, 0, stream.handle(), product.epilogue.y, static_cast<int>(splits),
                product.rows, last);
  if (!kSums) return;
  const Epilogue last_sums = {nullptr, nullptr, nullptr, nullptr, sums, product.rows, kNoActivation};
  OCELLI_LAUNCH((add_splits<256>), blocks_for(blocks_of(product.rows, kEight), 256), 256, 0, stream.handle(), product.sums,
                static_cast<int>(splits), 1, last_sums);
}

// The large tile where it gives every multiprocessor something to do. may_split: the depth may be cut so that it does; a
// row's bits depend on the number of rows then.
template <bool kDepthInnerA, class Numbers, bool kDepthInnerB, bool kSums = false>
void multiply(Stream& stream, const Product& product, bool may_split = false) {
  if (product.rows == 0 || product.columns == 0) return;
  const int64_t blocks = blocks_of(product.rows, LargeShape::kRows) * blocks_of(product.columns, LargeShape::kColumns);
  const bool large = product.rows > SmallShape::kRows && product.columns > SmallShape::kColumns &&
                     blocks >= stream.multiprocessors();
  // Numbers of float16 do not fit into bfloat16, nor activations and gradients into float16's range, so these are tf32.
  constexpr Precision kLeast = __is_same(Numbers, Float16Numbers) ? Precision::tf32 : Precision::bfloat16;
  const auto with_precision = [&](auto shape) {
    using ShapeOf = decltype(shape);
    switch (stream.precision) {
      case Precision::float32:
        return launch_tiles<ShapeOf, kDepthInnerA, Numbers, kDepthInnerB, Precision::float32, kSums>(stream, product,
                                                                                                     may_split);
      case Precision::tf32:
        return launch_tiles<ShapeOf, kDepthInnerA, Numbers, kDepthInnerB, Precision::tf32, kSums>(stream, product, may_split);
      case Precision::bfloat16:
        return launch_tiles<ShapeOf, kDepthInnerA, Numbers, kDepthInnerB, kLeast, kSums>(stream, product, may_split);
    }
  };
  if (large) with_precision(LargeShape{});
  else with_precision(SmallShape{});
}

}  // namespace ocelli::cuda::gemm
